// A crowd in one Colyseus room, as its documentation has it: a schema of players in a map, a patch every 50 ms, everybody
// gets the same patch. Clients send their pose as bytes: four floats, x, y, z, yaw.
//   node server.mjs READY_FILE SEATS
// Serves on a free port; READY_FILE then holds JSON: the port, and the paths of SEATS seats that wait for load clients.
import { matchMaker, Room, Server } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { renameSync, writeFileSync } from "node:fs";

const [readyFile, seats] = process.argv.slice(2);

const Player = schema({ x: t.float32(), y: t.float32(), z: t.float32(), yaw: t.float32() }, "Player");
const State = schema({ players: t.map(Player) }, "State");

class Crowd extends Room {
  state = new State();
  patchRate = 50;
  maxClients = 100_000;
  autoDispose = false;
  seatReservationTimeout = 600;

  onCreate() {
    this.onMessageBytes("p", (client, bytes) => {
      const player = this.state.players.get(client.sessionId);
      if (!player || bytes.byteLength !== 16) return;
      const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
      player.x = view.getFloat32(0, true);
      player.y = view.getFloat32(4, true);
      player.z = view.getFloat32(8, true);
      player.yaw = view.getFloat32(12, true);
    });
  }

  onJoin(client) {
    this.state.players.set(client.sessionId, new Player());
  }

  onLeave(client) {
    this.state.players.delete(client.sessionId);
  }
}

const server = new Server({ transport: new WebSocketTransport({ pingInterval: 0 }), greet: false });
server.define("crowd", Crowd);
await server.listen(0, "127.0.0.1");
const room = await matchMaker.createRoom("crowd", {});
const paths = [];
for (let i = 0; i < Number(seats); i++) {
  const seat = await matchMaker.reserveSeatFor(room, {});
  paths.push(`/${room.processId}/${room.roomId}?sessionId=${seat.sessionId}`);
}
const { port } = server.transport.server.address();
writeFileSync(`${readyFile}.part`, JSON.stringify({ port, seats: paths }));
renameSync(`${readyFile}.part`, readyFile);

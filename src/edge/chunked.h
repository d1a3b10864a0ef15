// What requests and answers share about chunked bodies (RFC 9112, 7.1).
// Thread: pure.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <string_view>

namespace mw::edge {

// Whether to wait for more before the parser is shown `left` bytes (again). Beast asserts that a last chunk which it has seen
// a part of comes again with a whole one's length; what is left of a chunked body that goes on is never shorter than that.
template <bool kRequest>
bool waits_for_chunk(const boost::beast::http::basic_parser<kRequest>& parser, std::size_t left) {
  constexpr std::string_view kLastChunk = "0\r\n\r\n";
  return parser.is_header_done() && parser.chunked() && left < kLastChunk.size();
}

}  // namespace mw::edge

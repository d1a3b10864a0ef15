document.getElementById("app")?.classList.add("ready");

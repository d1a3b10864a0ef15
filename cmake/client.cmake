# The browser client: WebAssembly, then the web build, then a library that carries its files (src/edge/assets.h).
# Sets MW_CLIENT_LIBRARY, and MW_NO_CLIENT_LIBRARY with an empty table for whatever shows nobody a page.
add_library(mw_no_client STATIC cmake/no_client.cpp)
set(MW_NO_CLIENT_LIBRARY mw_no_client)
set(MW_CLIENT_LIBRARY mw_no_client)

file(GLOB wasm_sources CONFIGURE_DEPENDS src/base/*.cpp src/base/*.h src/wire/*.cpp src/wire/*.h src/wire/*.inc src/wire/hot/*.cpp
     src/wire/hot/*.h src/motion/*.cpp src/motion/*.h src/motion/hot/*.cpp src/motion/hot/*.h src/wasm/*.cpp src/wasm/*.h)
list(FILTER wasm_sources EXCLUDE REGEX "_(test|fuzz|bench)\\.cpp$")
set(MW_WASM_FILE ${CMAKE_SOURCE_DIR}/build/wasm/manyworlds.wasm)
add_custom_command(OUTPUT ${MW_WASM_FILE}
  COMMAND ${CMAKE_SOURCE_DIR}/tools/build-wasm.sh ${MW_WASM_FILE}
  DEPENDS ${wasm_sources} ${CMAKE_SOURCE_DIR}/tools/build-wasm.sh
  COMMENT "Compiling movement and codecs to WebAssembly" VERBATIM)
add_custom_target(wasm DEPENDS ${MW_WASM_FILE})

if(MW_CLIENT AND EXISTS ${CMAKE_SOURCE_DIR}/web/package.json)
  file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS web/packages/*.ts web/packages/*.tsx web/packages/*.css
       web/packages/*.html web/packages/*.svg web/packages/*.json web/packages/*.glsl)
  list(FILTER web_sources EXCLUDE REGEX "/(node_modules|dist)/|\\.test\\.tsx?$")
  set(client ${CMAKE_BINARY_DIR}/client)
  add_custom_command(OUTPUT ${client}/assets.S ${client}/assets.cpp ${client}/stamp
    COMMAND ${CMAKE_SOURCE_DIR}/tools/build-web ${MW_WASM_FILE}
    COMMAND ${CMAKE_SOURCE_DIR}/tools/with-node ${CMAKE_SOURCE_DIR}/tools/embed-assets ${CMAKE_SOURCE_DIR}/web/dist ${client}
    COMMAND ${CMAKE_COMMAND} -E touch ${client}/stamp
    DEPENDS ${web_sources} ${MW_WASM_FILE} ${CMAKE_SOURCE_DIR}/web/package.json ${CMAKE_SOURCE_DIR}/web/package-lock.json
            ${CMAKE_SOURCE_DIR}/tools/build-web ${CMAKE_SOURCE_DIR}/tools/embed-assets
    COMMENT "Building the browser client" VERBATIM)
  add_library(mw_client STATIC ${client}/assets.S ${client}/assets.cpp)
  set(MW_CLIENT_LIBRARY mw_client)
endif()

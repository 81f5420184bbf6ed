# Builds and runs the consumers with what PKG_CONFIG says of the files in FOLDER.
set(ENV{PKG_CONFIG_PATH} "${FOLDER}")
file(MAKE_DIRECTORY "${BUILD}")
foreach(consumer "rules icebp-rules" "platform icebp")
  string(REPLACE " " ";" consumer "${consumer}")
  list(POP_FRONT consumer name package)
  execute_process(COMMAND ${PKG_CONFIG} --cflags --libs ${package} OUTPUT_VARIABLE flags
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  execute_process(COMMAND ${CXX} -std=c++17 "${SOURCES}/${name}/main.cpp" -o "${BUILD}/${name}" ${flags}
                  COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${BUILD}/${name}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()

# g++ and clang++ give some construction vtables of a class template different names, and of two groups
# of vtables the linker throws one away: LIBRARY of g++ then does not link to a program of clang++, unless
# it has such vtables of plain classes only.
execute_process(COMMAND ${NM} -C ${LIBRARY} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
if(NOT symbols MATCHES "construction vtable for [^\n]*-in-icebp::v[0-9_]+::DebugCoreTarget::Connection\n")
  message(FATAL_ERROR "${LIBRARY}: not the library of the sockets, or not readable")
endif()
string(REGEX MATCH "construction vtable for [^\n]*-in-[^\n]*<[^\n]*" symbol "${symbols}")
if(symbol)
  message(FATAL_ERROR "${LIBRARY} does not link to what another compiler makes: ${symbol}")
endif()

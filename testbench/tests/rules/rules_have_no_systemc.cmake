# The rules link without SystemC: BINARY needs no SystemC library and holds none of its symbols.
cmake_minimum_required(VERSION 3.22)

function(output_of variable)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

output_of(dynamic ${READELF} -d ${BINARY})
output_of(symbols ${NM} -C ${BINARY})

if(NOT dynamic MATCHES "NEEDED" OR NOT symbols MATCHES "icebp::v[0-9_]+::execute")
  message(FATAL_ERROR "${BINARY}: not the rules' tests, or not readable")
endif()
string(REGEX MATCHALL "NEEDED[^\n]*systemc[^\n]*" libraries "${dynamic}")
string(REGEX MATCH "(sc_core|sc_dt|tlm)::[^\n]*" symbol "${symbols}")
if(libraries OR symbol)
  message(FATAL_ERROR "${BINARY} depends on SystemC: ${libraries} ${symbol}")
endif()

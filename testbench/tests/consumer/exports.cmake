# LIBRARY shows the functions that HEADER declares, and nothing else.
execute_process(COMMAND ${NM} -D --defined-only ${LIBRARY} OUTPUT_VARIABLE symbols
                COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "[0-9a-f]+ [A-Za-z] " "" symbols "${symbols}")
string(REGEX MATCHALL "[^\n]+" symbols "${symbols}")
file(READ ${HEADER} header)
string(REGEX MATCHALL "ICEBP_API [a-z0-9_* ]*icebp_[a-z_]+\\(" declared "${header}")
list(TRANSFORM declared REPLACE ".*(icebp_[a-z_]+)\\(" "\\1")
list(SORT symbols)
list(SORT declared)
if(NOT symbols STREQUAL declared)
  message(FATAL_ERROR "shown: ${symbols}\ndeclared: ${declared}")
endif()

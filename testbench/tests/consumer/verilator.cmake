# Makes the Verilator example with the package whose pkg-config files are in FOLDER, and runs it: in
# lockstep with the model it finds no difference, and each fault that is planted; waves have both sides.
set(ENV{PKG_CONFIG_PATH} "${FOLDER}")
set(ENV{OBJCACHE} "${CACHE}")
file(REMOVE_RECURSE "${BUILD}")
execute_process(COMMAND make -f "${SOURCES}/Makefile" BUILD=${BUILD} OUTPUT_VARIABLE log ERROR_VARIABLE log
                RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${log}")
endif()

# run(EXPECTED PROGRAM ARGUMENT...): the output ends as EXPECTED.
function(run expected program)
  execute_process(COMMAND "${BUILD}/${program}" ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT output MATCHES "${expected}(\n- [^\n]*)?\n$")
    message(SEND_ERROR "${program} ${ARGN}: not ${expected}:\n${output}")
  endif()
endfunction()

set(ENV{SYSTEMC_DISABLE_COPYRIGHT_MESSAGE} 1)
run("seed 1, fault 0: 20000 operations, no difference" lockstep)
run("seed 1, fault 0: 20000 operations, no difference" timed_lockstep)
foreach(fault RANGE 1 9)
  run("operation [^\n]* differs.*\nseed 1, fault ${fault}: 20000 operations, a difference" lockstep
      +planted=${fault})
  run("operation [^\n]* differs.*\nseed 1, fault ${fault}: 20000 operations, a difference" timed_lockstep
      20000 ${fault})
endforeach()

# has(FILE SCOPE SIGNAL...): the signals are in that scope of the VCD, and change.
function(has file scope)
  file(READ "${BUILD}/${file}" text)
  string(FIND "${text}" " ${scope} $end\n" begin)
  if(begin EQUAL -1)
    message(SEND_ERROR "${file}: no scope ${scope}")
    return()
  endif()
  string(SUBSTRING "${text}" ${begin} -1 signals)
  string(FIND "${signals}" "scope" end) # its own, or an inner one's
  string(SUBSTRING "${signals}" 0 ${end} signals)
  foreach(signal IN LISTS ARGN)
    if(NOT signals MATCHES "var wire +[0-9]+ +([^ ]+) +${signal} ")
      message(SEND_ERROR "${file}: ${scope} has no ${signal}")
      continue()
    endif()
    string(FIND "${text}" " ${CMAKE_MATCH_1}\n" first)
    string(FIND "${text}" " ${CMAKE_MATCH_1}\n" last REVERSE)
    if(first EQUAL last)
      message(SEND_ERROR "${file}: ${signal} of ${scope} does not change")
    endif()
  endforeach()
endfunction()

run("100 operations, no difference" lockstep +operations=100 +vcd=${BUILD}/lockstep.vcd)
run("100 operations, no difference" timed_lockstep 100 0 ${BUILD}/timed)
has(lockstep.vcd rtl dr6 dr7)
has(lockstep.vcd model dr6 dr7)
has(timed.vcd lockstep register_6 register_7)
has(timed.vcd debug_unit dr6 dr7)

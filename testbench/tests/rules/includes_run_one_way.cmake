# A file includes its own folder and folders of a lower rank: never upwards, never a peer of the same
# rank. The rules know the C++ standard library and nothing else; every project include is
# <icebp/...>.
cmake_minimum_required(VERSION 3.22)

# Folder and rank; the first that a path begins with counts.
set(ranks
  model/rules/vocabulary/ 0
  model/rules/registers/  1
  model/rules/cpu/        2
  model/rules/guest/      3
  model/rules/debug/      4
  model/rules/msr/        4
  model/rules/            5
  model/                  6
  tlm/                    7
  c/                      7
  testbench/program/json/     8
  testbench/program/files/    8
  testbench/program/core/     9
  testbench/program/profiles/ 9
  testbench/program/vectors/  10
  testbench/program/scenario/ 11
  testbench/program/          12
  testbench/                  13)
set(rules_rank 5)

# Sets `folder` and `rank` of a path; none and -1 if no folder of the table has it.
macro(find_place path)
  set(folder none)
  set(rank -1)
  set(rest ${ranks})
  while(rest)
    list(POP_FRONT rest prefix number)
    string(FIND "${path}" "${prefix}" at)
    if(at EQUAL 0)
      set(folder ${prefix})
      set(rank ${number})
      break()
    endif()
  endwhile()
endmacro()

set(errors "")
set(include_count 0)
file(GLOB_RECURSE sources RELATIVE ${ROOT} ${ROOT}/model/*.h ${ROOT}/model/*.cpp ${ROOT}/tlm/*.h
     ${ROOT}/tlm/*.cpp ${ROOT}/c/*.h ${ROOT}/c/*.cpp ${ROOT}/testbench/*.h ${ROOT}/testbench/*.cpp)
foreach(source IN LISTS sources)
  find_place(${source})
  set(source_folder ${folder})
  set(source_rank ${rank})
  file(STRINGS ${ROOT}/${source} lines REGEX "^[ \t]*#[ \t]*include")
  foreach(line IN LISTS lines)
    math(EXPR include_count "${include_count} + 1")
    if(NOT line MATCHES "<([^>]*)>")
      list(APPEND errors "${source}: not in angle brackets: ${line}")
      continue()
    endif()
    set(header ${CMAKE_MATCH_1})
    if(header MATCHES "^icebp/(.*)$")
      set(path ${CMAKE_MATCH_1})
      find_place(${path})
      if(rank EQUAL -1 OR NOT EXISTS ${ROOT}/${path})
        list(APPEND errors "${source}: no such header: <${header}>")
      elseif(rank GREATER source_rank)
        list(APPEND errors "${source}: includes upwards: <${header}>")
      elseif(rank EQUAL source_rank AND NOT folder STREQUAL source_folder)
        list(APPEND errors "${source}: includes a peer: <${header}>")
      endif()
    elseif(NOT source_rank GREATER rules_rank AND header MATCHES "[./]")
      # The standard library's headers have neither dot nor slash.
      list(APPEND errors "${source}: the rules may not include <${header}>")
    elseif(NOT source_rank GREATER rules_rank AND
           header MATCHES "^(systemc|tlm|iostream|fstream|cstdio)$")
      list(APPEND errors "${source}: the rules may not include <${header}>")
    endif()
  endforeach()
endforeach()

if(include_count EQUAL 0)
  list(APPEND errors "no include found under ${ROOT}")
endif()
if(errors)
  list(JOIN errors "\n  " text)
  message(FATAL_ERROR "\n  ${text}")
endif()

# The package: components `rules`, `profiles`, `c`, `model` and `tlm`, for CMake and for pkg-config, and its pages.
include(CMakePackageConfigHelpers)
set(package "${CMAKE_INSTALL_LIBDIR}/cmake/icebp")

install(TARGETS icebp_rules EXPORT icebpRulesTargets)
if(TARGET icebp_profiles)
  install(TARGETS icebp_profiles EXPORT icebpRulesTargets)
  install(FILES model/profiles/load_cpu_model.h
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/icebp/model/profiles)
endif()
if(ICEBP_C)
  install(TARGETS icebp_c EXPORT icebpRulesTargets)
  install(FILES c/icebp.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}) # <icebp.h>
endif()
install(EXPORT icebpRulesTargets NAMESPACE icebp:: DESTINATION ${package})
set(headers model/rules)
if(ICEBP_SYSTEMC)
  install(TARGETS icebp_model icebp_tlm EXPORT icebpSystemCTargets)
  if(ICEBP_C)
    install(TARGETS icebp_c_systemc EXPORT icebpSystemCTargets)
    install(FILES c/icebp_systemc.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  endif()
  install(EXPORT icebpSystemCTargets NAMESPACE icebp:: DESTINATION ${package})
  set(headers model tlm)
endif()
foreach(folder IN LISTS headers)
  cmake_path(GET folder PARENT_PATH parent)
  install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/icebp/${parent}
          FILES_MATCHING PATTERN "*.h" PATTERN "model/json" EXCLUDE PATTERN "model/profiles" EXCLUDE)
endforeach()

set(icebp_has_profiles OFF)
if(TARGET icebp_profiles)
  set(icebp_has_profiles ON)
endif()
configure_package_config_file(cmake/icebpConfig.cmake.in icebpConfig.cmake
                              INSTALL_DESTINATION ${package})
write_basic_package_version_file(icebpConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/icebpConfig.cmake"
              "${CMAKE_CURRENT_BINARY_DIR}/icebpConfigVersion.cmake" cmake/systemc.cmake
        DESTINATION ${package})

file(RELATIVE_PATH icebp_includedir "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig"
                                    "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
configure_file(cmake/icebp-rules.pc.in icebp-rules.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/icebp-rules.pc"
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(TARGET icebp_profiles)
  configure_file(cmake/icebp-profiles.pc.in icebp-profiles.pc @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/icebp-profiles.pc"
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
if(ICEBP_C)
  configure_file(cmake/icebp-c.pc.in icebp-c.pc @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/icebp-c.pc"
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  if(ICEBP_SYSTEMC)
    configure_file(cmake/icebp-c-systemc.pc.in icebp-c-systemc.pc @ONLY)
    install(FILES "${CMAKE_CURRENT_BINARY_DIR}/icebp-c-systemc.pc"
            DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  endif()
endif()
if(ICEBP_SYSTEMC)
  configure_file(cmake/icebp.pc.in icebp.pc @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/icebp.pc"
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()

# The pages and what they show lie as in the repository.
install(FILES LICENSE CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN "*.md" EXCLUDE)
install(DIRECTORY traces/pictures DESTINATION ${CMAKE_INSTALL_DOCDIR}/traces)
install(DIRECTORY testbench/examples DESTINATION ${CMAKE_INSTALL_DOCDIR}/testbench
        PATTERN "examples/CMakeLists.txt" EXCLUDE)

# Their links lead to what is installed, which has to be there by now.
install(CODE "
set(SOURCE \"${CMAKE_CURRENT_SOURCE_DIR}\")
set(WORK \"${CMAKE_CURRENT_BINARY_DIR}/installed_pages\")
set(DOCUMENTS \"${CMAKE_INSTALL_DOCDIR}\")
set(INCLUDE \"${CMAKE_INSTALL_INCLUDEDIR}\")
set(DATA \"${CMAKE_INSTALL_DATADIR}\")
include(\"${CMAKE_CURRENT_SOURCE_DIR}/cmake/installed_pages.cmake\")")

# Finds SystemC and TLM-2.0 and gives the target SystemC::systemc, and its version if it is known. A
# target of that name that is there already stays. Upstream installs the package SystemCLanguage;
# Debian ships pkg-config files only. Without SystemC `icebp_systemc_missing` says what to do.
set(icebp_systemc_version "")
if(TARGET SystemC::systemc)
  return()
endif()

find_package(SystemCLanguage CONFIG QUIET)
if(TARGET SystemC::systemc)
  set(icebp_systemc_version "${SystemCLanguage_VERSION}")
  return()
endif()

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(ICEBP_SYSTEMC QUIET IMPORTED_TARGET GLOBAL systemc)
endif()
if(NOT TARGET PkgConfig::ICEBP_SYSTEMC)
  set(icebp_systemc_missing "SystemC was not found: install libsystemc-dev, or set \
SystemCLanguage_DIR to the folder of SystemCLanguageConfig.cmake")
  return()
endif()
set(icebp_systemc_version "${ICEBP_SYSTEMC_VERSION}")
# The library carries the C++ standard that it was built with in a symbol's name (C++17 on Debian); a
# consumer in C++20 would not link.
add_library(SystemC::systemc INTERFACE IMPORTED GLOBAL) # no alias: an export would name its target
target_link_libraries(SystemC::systemc INTERFACE PkgConfig::ICEBP_SYSTEMC)
target_compile_definitions(SystemC::systemc INTERFACE SC_DISABLE_API_VERSION_CHECK)

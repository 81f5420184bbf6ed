# Finds SystemC and TLM-2.0 and gives the target SystemC::systemc. Upstream installs the package
# SystemCLanguage; Debian ships pkg-config files only.
if(TARGET SystemC::systemc)
  return()
endif()

find_package(SystemCLanguage CONFIG QUIET)
if(NOT TARGET SystemC::systemc)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(ICEBP_SYSTEMC QUIET IMPORTED_TARGET GLOBAL systemc)
  endif()
  if(NOT TARGET PkgConfig::ICEBP_SYSTEMC)
    message(FATAL_ERROR "SystemC was not found: install libsystemc-dev, or set "
                        "SystemCLanguage_DIR to the folder of SystemCLanguageConfig.cmake.")
  endif()
  # The library carries the C++ standard that it was built with in a symbol's name (C++17 on
  # Debian); a consumer in C++20 would not link.
  target_compile_definitions(PkgConfig::ICEBP_SYSTEMC INTERFACE SC_DISABLE_API_VERSION_CHECK)
  add_library(SystemC::systemc ALIAS PkgConfig::ICEBP_SYSTEMC)
endif()

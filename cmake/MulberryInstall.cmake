# The installed package. find_package(mulberry) gives mulberry::base ... mulberry::plan and, where it was
# built with LibTorch, mulberry::nn ... mulberry::train. COMPONENTS core leaves LibTorch alone; COMPONENTS
# torch insists on it. Not here: the program, which mulberry/cli installs.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(core_libraries mulberry_options)
set(torch_libraries mulberry_libtorch)
get_property(libraries GLOBAL PROPERTY MULBERRY_LIBRARIES)
foreach(library IN LISTS libraries)
  string(REPLACE mulberry_ "" folder ${library})
  if(folder MATCHES "^(base|formats|circuits|multipliers|arithmetic|analysis|kernels|plan|hardware)$")
    list(APPEND core_libraries ${library})
  else()
    list(APPEND torch_libraries ${library})
  endif()
  install(DIRECTORY mulberry/${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mulberry
          FILES_MATCHING PATTERN "*.h" PATTERN "*-inl.h" EXCLUDE PATTERN "test_*.h" EXCLUDE)
endforeach()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/mulberry)
set_target_properties(mulberry_options PROPERTIES EXPORT_NAME options)
install(TARGETS ${core_libraries} EXPORT mulberry_core)
install(EXPORT mulberry_core NAMESPACE mulberry:: DESTINATION ${package_folder}
        FILE mulberryCoreTargets.cmake)
if(MULBERRY_TORCH)
  set_target_properties(mulberry_libtorch PROPERTIES EXPORT_NAME libtorch)
  install(TARGETS ${torch_libraries} EXPORT mulberry_torch)
  install(EXPORT mulberry_torch NAMESPACE mulberry:: DESTINATION ${package_folder}
          FILE mulberryTorchTargets.cmake)
endif()

configure_package_config_file(cmake/mulberryConfig.cmake.in mulberryConfig.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(mulberryConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mulberryConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/mulberryConfigVersion.cmake
              cmake/MulberryLibTorch.cmake
        DESTINATION ${package_folder})

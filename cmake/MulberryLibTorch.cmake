# What a binary release of LibTorch 2.x needs before other programs can be linked with it. Also installed,
# for those who use the package.

# mulberry_fmt_before_libtorch(TARGET): LibTorch 2.x brings headers of fmt, of another version than the
# library that Mulberry and spdlog are linked with. TARGET gets a folder with the right ones, found first.
function(mulberry_fmt_before_libtorch target)
  get_target_property(fmt_folder fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
  list(GET fmt_folder 0 fmt_folder)
  foreach(folder IN LISTS TORCH_INCLUDE_DIRS)
    if(EXISTS ${folder}/fmt AND NOT folder STREQUAL fmt_folder)
      set(first ${CMAKE_BINARY_DIR}/mulberry_fmt)
      file(MAKE_DIRECTORY ${first})
      file(CREATE_LINK ${fmt_folder}/fmt ${first}/fmt SYMBOLIC)
      target_include_directories(${target} SYSTEM BEFORE INTERFACE $<BUILD_INTERFACE:${first}>)
    endif()
  endforeach()
endfunction()

# mulberry_own_libstdcxx_first(TARGET): LibTorch 2.x exports parts of std::filesystem from a libstdc++ of its
# own, and in another program they crash (seen with 2.11: remove_all jumps to address 0). The library that is
# linked first provides them, so that has to be libstdc++; as an archive it could not.
function(mulberry_own_libstdcxx_first target)
  if(Torch_VERSION VERSION_GREATER_EQUAL 2 AND CMAKE_SYSTEM_NAME STREQUAL "Linux"
     AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_link_options(${target} INTERFACE
      "SHELL:-Wl,--push-state,--no-as-needed -lstdc++ -Wl,--pop-state")
  endif()
endfunction()

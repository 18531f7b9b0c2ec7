# How a folder of mulberry/ becomes a library, its *_test.cc tests and its *_bench.cc benchmarks.
# Every file is listed; nothing is globbed.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

set(MULBERRY_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, such as address,undefined")

add_library(mulberry_options INTERFACE)
target_include_directories(mulberry_options INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include>)
# The numeric contract forbids fusing a product with a sum, which compilers do unless told not to.
target_compile_options(mulberry_options INTERFACE -ffp-contract=off)
target_compile_options(mulberry_options INTERFACE $<BUILD_INTERFACE:-Wall> $<BUILD_INTERFACE:-Wextra>)
if(MULBERRY_WERROR)
  target_compile_options(mulberry_options INTERFACE $<BUILD_INTERFACE:-Werror>)
endif()
if(MULBERRY_SANITIZE)
  # With the checks in between, GCC takes initialised variables for uninitialised ones.
  add_compile_options(-fsanitize=${MULBERRY_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -Wno-maybe-uninitialized)
  add_link_options(-fsanitize=${MULBERRY_SANITIZE})
endif()

# mulberry_library(FOLDER SOURCES file... [DEPENDS target...]): static library mulberry_FOLDER,
# alias mulberry::FOLDER. DEPENDS is the folder's line in the include table of HACKING.md.
function(mulberry_library folder)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(mulberry_${folder} STATIC ${ARG_SOURCES})
  add_library(mulberry::${folder} ALIAS mulberry_${folder})
  set_target_properties(mulberry_${folder} PROPERTIES EXPORT_NAME ${folder})
  target_link_libraries(mulberry_${folder} PUBLIC mulberry_options ${ARG_DEPENDS})
  set_property(GLOBAL APPEND PROPERTY MULBERRY_LIBRARIES mulberry_${folder})
endfunction()

# mulberry_test(NAME file... [DEPENDS target...] [LABEL quick|full|long] [TIMEOUT seconds]
#               [ENVIRONMENT VAR=value...]): a GoogleTest program, run as one CTest test.
function(mulberry_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "DEPENDS;ENVIRONMENT" ${ARGN})
  if(NOT MULBERRY_TESTS)
    return()
  endif()
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE mulberry_options ${ARG_DEPENDS} GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_LABEL)
    set(ARG_LABEL quick)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 600)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT}
                       ENVIRONMENT "${ARG_ENVIRONMENT}")
endfunction()

# mulberry_benchmark(NAME file... [DEPENDS target...]): a Google Benchmark program, run by hand.
function(mulberry_benchmark name)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  if(NOT MULBERRY_BENCHMARKS)
    return()
  endif()
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE mulberry_options ${ARG_DEPENDS} benchmark::benchmark)
endfunction()

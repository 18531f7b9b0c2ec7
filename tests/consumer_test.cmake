# Installs the build, moves the installed tree elsewhere, builds tests/consumer against it and runs what
# came out. cmake -D BUILD=... -D WORK=... -D GENERATOR=... -D COMPILER=... -D TORCH=ON|OFF -P THIS

# run(WHAT COMMAND...): the command must succeed; its output is in `output`.
function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${what} failed (${status}):\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# expect(WHAT TEXT): `output` contains TEXT.
function(expect what text)
  string(FIND "${output}" "${text}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "${what}: expected \"${text}\", found:\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
run("installing" ${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/first)
file(RENAME ${WORK}/first ${WORK}/moved)

set(source ${CMAKE_CURRENT_LIST_DIR}/consumer)
set(configure ${CMAKE_COMMAND} -S ${source} -G ${GENERATOR} -D CMAKE_CXX_COMPILER=${COMPILER}
              -D CMAKE_BUILD_TYPE=Release -D CMAKE_PREFIX_PATH=${WORK}/moved)

run("configuring the core consumer" ${configure} -B ${WORK}/core -D COMPONENT=core)
run("building the core consumer" ${CMAKE_COMMAND} --build ${WORK}/core)
run("the core consumer" ${WORK}/core/consumer)
# Mitchell's product of 1.5 and 1.5 is 2 where the exact one is 2.25.
expect("the core consumer" "mitchell@bf16: 1.5 * 1.5 = 2\n")

if(TORCH)
  run("configuring the torch consumer" ${configure} -B ${WORK}/torch -D COMPONENT=torch)
  run("building the torch consumer" ${CMAKE_COMMAND} --build ${WORK}/torch)
  run("the torch consumer" ${WORK}/torch/consumer)
  expect("the torch consumer" "1.5 * 1.5 = 2, 1 approximate MACs\n")
  run("the installed program" ${WORK}/moved/bin/mulberry --help)
  expect("the installed program" "train")
else()
  execute_process(COMMAND ${configure} -B ${WORK}/torch -D COMPONENT=torch
                  RESULT_VARIABLE status ERROR_VARIABLE output OUTPUT_QUIET)
  expect("asking a build without LibTorch for it" "this mulberry was built without LibTorch")
  if(status EQUAL 0)
    message(FATAL_ERROR "a build without LibTorch claims to have it")
  endif()
endif()

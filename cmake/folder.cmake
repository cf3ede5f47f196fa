# letterlock_folder(PATH [DEPENDS targets…] [LIBS third-party…] [MAIN file EXECUTABLE name]
#                   [TEST_DEPENDS targets…] [TEST_RUNS executables…])
#
# One static library from all *.cpp below PATH, its tests (*_test.cpp beside the code) in one executable PATH_test.
# The target's name is the path below src with '_' for '/'. With MAIN, that file becomes an executable on top.
# *_conformance.cpp: a suite for all implementations of the folder's interface, linked as PATH_conformance by TEST_DEPENDS.
# TEST_DEPENDS: what the tests alone link; TEST_RUNS: executables that the tests start, by name (letterlock_test_runs()).
include(GoogleTest)

function(letterlock_folder path)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "MAIN;EXECUTABLE" "DEPENDS;LIBS;TEST_DEPENDS;TEST_RUNS")
  string(REGEX REPLACE "^src/" "" name "${path}")
  string(REPLACE "/" "_" name "${name}")

  file(GLOB_RECURSE all CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${path}/*.cpp ${PROJECT_SOURCE_DIR}/${path}/*.h)
  set(tests ${all})
  set(sources ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(conformance ${all})
  list(FILTER conformance INCLUDE REGEX "_conformance\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "(_test\\.cpp|_conformance\\.cpp|_fuzz\\.cpp)$")
  if(arg_MAIN)
    list(REMOVE_ITEM sources ${PROJECT_SOURCE_DIR}/${path}/${arg_MAIN})
  endif()

  set(compiled ${sources})
  list(FILTER compiled INCLUDE REGEX "\\.cpp$")
  if(compiled)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_LIBS})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${arg_DEPENDS})
  endif()

  if(arg_EXECUTABLE AND EXISTS ${PROJECT_SOURCE_DIR}/${path}/${arg_MAIN})
    add_executable(${arg_EXECUTABLE} ${PROJECT_SOURCE_DIR}/${path}/${arg_MAIN})
    target_link_libraries(${arg_EXECUTABLE} PRIVATE ${name} ${arg_LIBS})
  endif()

  # A suite that every implementation of this folder's interface runs: objects, so that gtest finds its tests.
  if(conformance AND LETTERLOCK_TESTS)
    add_library(${name}_conformance OBJECT ${conformance})
    target_include_directories(${name}_conformance PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name}_conformance PUBLIC ${name} PRIVATE third::gtest)
    list(APPEND arg_TEST_DEPENDS ${name}_conformance)
  endif()

  if(tests AND LETTERLOCK_TESTS)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} ${arg_TEST_DEPENDS} ${arg_LIBS} third::gtest_main tests_support)
    set_property(TARGET ${name}_test PROPERTY LETTERLOCK_RUNS ${arg_TEST_RUNS})
    set_property(GLOBAL APPEND PROPERTY LETTERLOCK_TESTS_WITH_RUNS ${name}_test)
    target_compile_definitions(${name}_test PRIVATE LETTERLOCK_SOURCE_DIR="${PROJECT_SOURCE_DIR}" LETTERLOCK_BUILD_DIR="${PROJECT_BINARY_DIR}")
    gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES PROPERTIES LABELS "cpp;${name}" TIMEOUT 300)
  endif()
endfunction()

# Build the executables that tests start before those tests; call once, when all targets exist.
function(letterlock_test_runs)
  get_property(tests GLOBAL PROPERTY LETTERLOCK_TESTS_WITH_RUNS)
  foreach(test IN LISTS tests)
    get_property(runs TARGET ${test} PROPERTY LETTERLOCK_RUNS)
    foreach(executable IN LISTS runs)
      if(TARGET ${executable})
        add_dependencies(${test} ${executable})
      endif()
    endforeach()
  endforeach()
endfunction()

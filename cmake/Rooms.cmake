# dragoman_add_module(NAME SOURCES ... USES ... [LINKS ...])
#   One room, src/NAME, as target dragoman::NAME. USES names rooms above it; LINKS names libraries from outside, which
#   the combined library (src/CMakeLists.txt) then links as well.
function(dragoman_add_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES;LINKS")
  add_library(dragoman_${name} STATIC ${arg_SOURCES})
  add_library(dragoman::${name} ALIAS dragoman_${name})
  target_include_directories(dragoman_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(dragoman_${name} PUBLIC ${arg_USES} PRIVATE ${arg_LINKS} fmt::fmt dragoman_warnings)
  set_property(GLOBAL APPEND PROPERTY DRAGOMAN_LINKS ${arg_LINKS} fmt::fmt)
endfunction()

# dragoman_add_test(NAME SOURCES ... USES ... LABELS fast|slow [INSTALLED_MODELS])
#   One test program; every test in it becomes a ctest of its own. Tests may look at internal headers (src/).
#   INSTALLED_MODELS: it opens models, which takes a second each, so the program is one ctest and its tests share what is
#   open; where the models are not installed ctest calls it skipped.
function(dragoman_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "INSTALLED_MODELS" "" "SOURCES;USES;LABELS")
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${arg_USES} dragoman_test_support GTest::gmock GTest::gtest_main fmt::fmt
                                        dragoman_warnings)
  if(arg_INSTALLED_MODELS)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 600
                                            SKIP_REGULAR_EXPRESSION "is not installed; get it with")
  else()
    include(GoogleTest)
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 600)
  endif()
endfunction()

# dragoman_add_bench(NAME SOURCES ... USES ...)
#   One program of microbenchmarks. Target `bench` runs them all.
function(dragoman_add_bench name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_USES} benchmark::benchmark_main dragoman_warnings)
  set_property(GLOBAL APPEND PROPERTY DRAGOMAN_BENCHES ${name})
endfunction()

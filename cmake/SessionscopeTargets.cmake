# The options of the build, and the few functions through which every target is made,
# so that warnings, sanitizers and purity are said once.

option(SESSIONSCOPE_WINDOW "Build the window program (needs Qt Widgets)" ON)
option(SESSIONSCOPE_TESTS "Build the tests" ON)
option(SESSIONSCOPE_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(SESSIONSCOPE_BENCH "Build the benchmarks (needs Google Benchmark)" OFF)
option(SESSIONSCOPE_WERROR "Treat warnings as errors" OFF)
set(SESSIONSCOPE_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=…, for example address,undefined")
option(SESSIONSCOPE_COVERAGE "Instrument for gcov" OFF)

add_library(sessionscope_options INTERFACE)
target_compile_definitions(sessionscope_options INTERFACE
  QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_KEYWORDS QT_NO_FOREACH
  SESSIONSCOPE_VERSION="${PROJECT_VERSION}")
target_compile_options(sessionscope_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers # every member has a default, and designated initialisers name the rest
  $<$<BOOL:${SESSIONSCOPE_WERROR}>:-Werror>)
target_include_directories(sessionscope_options INTERFACE ${CMAKE_SOURCE_DIR})
if(CMAKE_INTERPROCEDURAL_OPTIMIZATION AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Seeing through QHash and std::vector, the optimiser warns of a size that no call asks for, and of an offset that no
  # pointer has.
  target_link_options(sessionscope_options INTERFACE -Wno-alloc-size-larger-than -Wno-free-nonheap-object)
endif()
if(SESSIONSCOPE_SANITIZE)
  # GCC's manual warns of false reports of uninitialized values beside a sanitizer; the plain build looks for them.
  target_compile_options(sessionscope_options INTERFACE
    -fsanitize=${SESSIONSCOPE_SANITIZE} -fno-sanitize-recover=undefined -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(sessionscope_options INTERFACE -fsanitize=${SESSIONSCOPE_SANITIZE})
  if(SESSIONSCOPE_SANITIZE MATCHES undefined)
    # A check at every use of a pointer takes two fifths of the compilation. Of what these find the address sanitizer
    # finds the most: a null or dangling pointer that is used.
    target_compile_options(sessionscope_options INTERFACE -fno-sanitize=null,alignment,vptr,object-size)
  endif()
endif()
if(SESSIONSCOPE_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "SESSIONSCOPE_FUZZ needs clang (libFuzzer); use the preset \"fuzz\" or -DCMAKE_CXX_COMPILER=clang++")
  endif()
  target_compile_options(sessionscope_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(SESSIONSCOPE_COVERAGE)
  target_compile_options(sessionscope_options INTERFACE --coverage)
  target_link_options(sessionscope_options INTERFACE --coverage)
  add_custom_target(coverage-report
    COMMAND gcovr --root ${PROJECT_SOURCE_DIR} --filter core/ --filter ui/ --filter app/ --exclude ".*autogen.*"
      --exclude-throw-branches --print-summary --html-details ${CMAKE_BINARY_DIR}/coverage.html ${CMAKE_BINARY_DIR}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    VERBATIM)
endif()
if(CMAKE_CXX_CLANG_TIDY)
  # What moc writes is linted with everything else; a check that it cannot fail keeps its findings out.
  file(WRITE ${CMAKE_BINARY_DIR}/.clang-tidy "Checks: '-*,llvm-twine-local'\nWarningsAsErrors: ''\n")
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Hits across preset and checkout directories need paths relative to the source tree.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()

# sessionscope_folders(NAME …)
# Adds the sub-folders in the given order and passes over those that are not there.
function(sessionscope_folders)
  foreach(folder IN LISTS ARGN)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/CMakeLists.txt)
      add_subdirectory(${folder})
    endif()
  endforeach()
endfunction()

# Links TARGET with the names after it: plain ones are folders of this tree, those with :: come from outside.
function(sessionscope_use target visibility)
  foreach(used IN LISTS ARGN)
    if(used MATCHES "::")
      target_link_libraries(${target} ${visibility} ${used})
    else()
      target_link_libraries(${target} ${visibility} sessionscope_${used})
    endif()
  endforeach()
endfunction()

# sessionscope_library(NAME [PURE] SOURCES … USES …)
# One static library per folder. PURE ones see QtCore only and run no moc: a QObject there does not link.
function(sessionscope_library name)
  cmake_parse_arguments(arg "PURE" "" "SOURCES;USES" ${ARGN})
  add_library(sessionscope_${name} STATIC ${arg_SOURCES})
  target_link_libraries(sessionscope_${name} PUBLIC sessionscope_options Qt6::Core)
  sessionscope_use(sessionscope_${name} PUBLIC ${arg_USES})
  if(NOT arg_PURE)
    set_target_properties(sessionscope_${name} PROPERTIES AUTOMOC ON AUTORCC ON)
  endif()
endfunction()

# sessionscope_test_environment(TEST)
# Offscreen, in a home of its own, so that no test reads or leaves the developer's settings.
# The labels are the test's folder, and `core` when it tests a folder of core/.
function(sessionscope_test_environment test)
  set(home ${CMAKE_BINARY_DIR}/test-home/${test})
  file(MAKE_DIRECTORY ${home})
  file(CHMOD ${home} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
  cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME folder)
  set(labels ${folder})
  if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/core/${folder})
    list(APPEND labels core)
  endif()
  set_tests_properties(${test} PROPERTIES
    LABELS "${labels}"
    ENVIRONMENT "QT_QPA_PLATFORM=offscreen;HOME=${home};XDG_CONFIG_HOME=${home};XDG_DATA_HOME=${home};XDG_RUNTIME_DIR=${home}")
endfunction()

# Tests that continuous integration runs without sanitizers, which all others run under.
add_custom_target(plain_tests)

# sessionscope_test(NAME [PLAIN] SOURCES … USES … [TIMEOUT seconds])
# A QtTest program, tst_NAME. PLAIN: what the sanitizers slow down too much for all it has to do, or are no part of, so that
# it has the label `plain` and belongs to the target plain_tests.
function(sessionscope_test name)
  cmake_parse_arguments(arg "PLAIN" "TIMEOUT" "SOURCES;USES" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(tst_${name} ${arg_SOURCES})
  # Never a unity build: a test is one file, and its lambdas capture types of their own.
  set_target_properties(tst_${name} PROPERTIES AUTOMOC ON UNITY_BUILD OFF)
  if(SESSIONSCOPE_SANITIZE)
    # Most of a sanitized build is tests, and they run once: what they test stays optimised, and is what undefined
    # behaviour is looked for in; in the tests themselves that costs a quarter of their compilation.
    target_compile_options(tst_${name} PRIVATE -O0)
    if(SESSIONSCOPE_SANITIZE MATCHES undefined)
      target_compile_options(tst_${name} PRIVATE -fno-sanitize=undefined)
    endif()
  endif()
  target_link_libraries(tst_${name} PRIVATE sessionscope_options Qt6::Test)
  sessionscope_use(tst_${name} PRIVATE ${arg_USES})
  target_compile_definitions(tst_${name} PRIVATE SESSIONSCOPE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND tst_${name} -maxwarnings 0)
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT})
  sessionscope_test_environment(${name})
  if(arg_PLAIN)
    add_dependencies(plain_tests tst_${name})
    set_property(TEST ${name} APPEND PROPERTY LABELS plain)
  endif()
endfunction()

# sessionscope_fuzzer(NAME SOURCES … USES … [CORPUS folder])
# A libFuzzer program, fuzz_NAME, and a test that runs it for a few seconds from a fixed seed. Call it under SESSIONSCOPE_FUZZ.
function(sessionscope_fuzzer name)
  cmake_parse_arguments(arg "" "CORPUS" "SOURCES;USES" ${ARGN})
  add_executable(fuzz_${name} ${arg_SOURCES})
  target_link_libraries(fuzz_${name} PRIVATE sessionscope_options)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  sessionscope_use(fuzz_${name} PRIVATE ${arg_USES})
  # New inputs go to the first folder, so the corpus in the source tree stays as it is.
  set(found ${CMAKE_CURRENT_BINARY_DIR}/found-${name})
  file(MAKE_DIRECTORY ${found})
  add_test(NAME fuzz_${name} COMMAND fuzz_${name}
    -seed=1 -max_total_time=20 -max_len=4096 -print_final_stats=1 -artifact_prefix=${found}/ ${found} ${arg_CORPUS})
  set_tests_properties(fuzz_${name} PROPERTIES TIMEOUT 120)
  sessionscope_test_environment(fuzz_${name})
endfunction()

# sessionscope_benchmark(NAME SOURCES … USES …)
# A Google Benchmark program, bench_NAME. It is run by hand: a shared machine's figures must not fail a build.
function(sessionscope_benchmark name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES" ${ARGN})
  find_package(benchmark REQUIRED)
  add_executable(bench_${name} ${arg_SOURCES})
  target_link_libraries(bench_${name} PRIVATE sessionscope_options benchmark::benchmark)
  sessionscope_use(bench_${name} PRIVATE ${arg_USES})
endfunction()

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
  QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_KEYWORDS QT_NO_FOREACH QT_USE_QSTRINGBUILDER
  SESSIONSCOPE_VERSION="${PROJECT_VERSION}")
target_compile_options(sessionscope_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<BOOL:${SESSIONSCOPE_WERROR}>:-Werror>)
target_include_directories(sessionscope_options INTERFACE ${CMAKE_SOURCE_DIR})
if(SESSIONSCOPE_SANITIZE)
  target_compile_options(sessionscope_options INTERFACE
    -fsanitize=${SESSIONSCOPE_SANITIZE} -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(sessionscope_options INTERFACE -fsanitize=${SESSIONSCOPE_SANITIZE})
endif()
if(SESSIONSCOPE_FUZZ)
  target_compile_options(sessionscope_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(SESSIONSCOPE_COVERAGE)
  target_compile_options(sessionscope_options INTERFACE --coverage)
  target_link_options(sessionscope_options INTERFACE --coverage)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Hits across preset and checkout directories need paths relative to the source tree.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()

# sessionscope_library(NAME [PURE] SOURCES … USES …)
# One static library per folder. PURE ones see QtCore only and run no moc: a QObject there does not link.
function(sessionscope_library name)
  cmake_parse_arguments(arg "PURE" "" "SOURCES;USES" ${ARGN})
  add_library(sessionscope_${name} STATIC ${arg_SOURCES})
  target_link_libraries(sessionscope_${name} PUBLIC sessionscope_options Qt6::Core)
  foreach(used IN LISTS arg_USES)
    if(used MATCHES "::")
      target_link_libraries(sessionscope_${name} PUBLIC ${used})
    else()
      target_link_libraries(sessionscope_${name} PUBLIC sessionscope_${used})
    endif()
  endforeach()
  if(NOT arg_PURE)
    set_target_properties(sessionscope_${name} PROPERTIES AUTOMOC ON AUTORCC ON)
  endif()
endfunction()

# sessionscope_test(NAME SOURCES … USES … [TIMEOUT seconds])
# A QtTest program that runs offscreen with a home of its own.
function(sessionscope_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;USES" ${ARGN})
  find_package(Qt6 6.4 REQUIRED COMPONENTS Test)
  add_executable(tst_${name} ${arg_SOURCES})
  set_target_properties(tst_${name} PROPERTIES AUTOMOC ON)
  target_link_libraries(tst_${name} PRIVATE sessionscope_options Qt6::Test)
  foreach(used IN LISTS arg_USES)
    if(used MATCHES "::")
      target_link_libraries(tst_${name} PRIVATE ${used})
    else()
      target_link_libraries(tst_${name} PRIVATE sessionscope_${used})
    endif()
  endforeach()
  target_compile_definitions(tst_${name} PRIVATE SESSIONSCOPE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND tst_${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  set(home ${CMAKE_BINARY_DIR}/test-home/${name})
  file(MAKE_DIRECTORY ${home})
  set_tests_properties(${name} PROPERTIES
    TIMEOUT ${arg_TIMEOUT}
    ENVIRONMENT "QT_QPA_PLATFORM=offscreen;HOME=${home};XDG_CONFIG_HOME=${home};XDG_DATA_HOME=${home};XDG_RUNTIME_DIR=${home}")
endfunction()

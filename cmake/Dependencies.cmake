# Debian 12 has them all (tools/install-deps) but llama.cpp, which tools/build-llama makes once, outside the build folder.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(SQLite3 3.37 REQUIRED)
find_package(ICU 70 REQUIRED COMPONENTS uc i18n)
find_package(OpenSSL 3 REQUIRED COMPONENTS Crypto)
find_package(CURL 7.80 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(LibArchive REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(dnnl 2.6 REQUIRED)
find_package(OpenMP REQUIRED)  # to keep oneDNN on one thread
find_package(faiss 1.7.3 REQUIRED)  # after OpenMP, which it names
find_package(Boost 1.74 REQUIRED)  # headers alone
# D3 draws the charts of reports and is built into the program (docs/decisions/charts.md); any from version 5 on will do.
find_file(DRAGOMAN_D3 d3.min.js PATHS /usr/share/nodejs/d3/dist DOC "D3 in one file, minified" REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(hwy REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(hunspell REQUIRED IMPORTED_TARGET hunspell)
pkg_check_modules(expat REQUIRED IMPORTED_TARGET expat>=2.4)
# libstemmer (Snowball) comes without a package file.
find_library(DRAGOMAN_STEMMER stemmer DOC "libstemmer of Snowball" REQUIRED)
find_path(DRAGOMAN_STEMMER_INCLUDE libstemmer.h DOC "Folder of libstemmer.h" REQUIRED)

# An installed llama.cpp is taken as it is. Otherwise every configuration asks tools/build-llama, so that a new pin or
# another processor is noticed; what find_package remembers of the old one is forgotten then.
if(NOT DRAGOMAN_LLAMA_PREFIX)
  find_package(llama CONFIG QUIET)
endif()
if(DRAGOMAN_LLAMA_PREFIX OR NOT llama_FOUND)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/tools/build-llama
               ${CMAKE_CURRENT_SOURCE_DIR}/tools/llama-version)
  execute_process(COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tools/build-llama
                  OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "llama.cpp is not installed, and tools/build-llama could not build it (see above)")
  endif()
  if(NOT prefix STREQUAL "${DRAGOMAN_LLAMA_PREFIX}")
    foreach(found llama_DIR llama_LIBRARY ggml_DIR GGML_LIBRARY GGML_BASE_LIBRARY GGML_CPU_LIBRARY)
      unset(${found} CACHE)
    endforeach()
    set(DRAGOMAN_LLAMA_PREFIX ${prefix} CACHE INTERNAL "The llama.cpp that tools/build-llama made")
  endif()
  find_package(llama CONFIG REQUIRED PATHS ${DRAGOMAN_LLAMA_PREFIX} NO_DEFAULT_PATH)
endif()

if(BUILD_TESTING)
  find_package(GTest 1.12 REQUIRED)
endif()

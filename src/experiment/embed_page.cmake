# Run when the program is built: writes OUTPUT, a source file with the constants that page.h declares.
#   cmake -DOUTPUT=page.cpp -DSKELETON=FILE -DSTYLES=FILE,... -DSCRIPTS=FILE,... -DLIBRARY=FILE -P embed_page.cmake
# Raw strings keep every byte; no file may hold the end of one, which is checked here.
set(delimiter "~page~")

function(embed name files)
  string(REPLACE "," ";" files "${files}")
  file(APPEND "${OUTPUT}.new" "const std::string_view ${name} =")
  foreach(path IN LISTS files)
    file(READ "${path}" content)
    string(FIND "${content}" ")${delimiter}\"" found)
    if(NOT found EQUAL -1)
      message(FATAL_ERROR "${path} holds the characters )${delimiter}\", which end it here; write them otherwise")
    endif()
    file(APPEND "${OUTPUT}.new" "\n    R\"${delimiter}(${content})${delimiter}\"")
  endforeach()
  file(APPEND "${OUTPUT}.new" ";\n")
endfunction()

file(WRITE "${OUTPUT}.new" "// Made by embed_page.cmake.\n#include \"experiment/page.h\"\n\nnamespace dragoman::reporting {\n")
embed(kPageSkeleton "${SKELETON}")
embed(kPageStyle "${STYLES}")
embed(kPageScript "${SCRIPTS}")
embed(kChartLibrary "${LIBRARY}")
file(APPEND "${OUTPUT}.new" "}  // namespace dragoman::reporting\n")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")

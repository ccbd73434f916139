// Uses the installed library from outside: a value through it, and an exception that crosses its border.
#include <dragoman/base/error.h>
#include <dragoman/text/language.h>

#include <iostream>

int main() {
  std::cout << dragoman::Language::parse("deu_Latn").tag() << '\n';
  try {
    dragoman::Language::parse("not a language");
  } catch (const dragoman::InvalidArgument& error) {
    std::cout << "refused: " << error.what() << '\n';
    return 0;
  }
  return 1;
}

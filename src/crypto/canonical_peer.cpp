// For tests against another implementation: each line of the input is a JSON text, each line of the output its canonical
// form, or "!" and what was wrong with it.
#include <iostream>
#include <string>

#include "crypto/canonical.h"

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    const auto value = mw::data::parse_json(line);
    const auto text = value.ok() ? mw::crypto::canonical_json(*value) : mw::Result<std::string>(value.error());
    std::cout << (text.ok() ? *text : "!" + text.error().text()) << '\n';
  }
  return 0;
}

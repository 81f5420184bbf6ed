#pragma once
// <regex>, of which regex.cpp instantiates what the tests use: once, and optimised.

#include <regex>
#include <string>

extern template class std::basic_regex<char>;
extern template class std::match_results<std::string::const_iterator>;
extern template class std::regex_iterator<std::string::const_iterator>;
extern template bool std::regex_search(const std::string&, std::smatch&, const std::regex&,
                                       std::regex_constants::match_flag_type);
extern template std::string std::regex_replace(const std::string&, const std::regex&, const char*,
                                               std::regex_constants::match_flag_type);

#include <icebp/testbench/tests/docs/regex.h>

template class std::basic_regex<char>;
template class std::match_results<std::string::const_iterator>;
template class std::regex_iterator<std::string::const_iterator>;
template bool std::regex_search(const std::string&, std::smatch&, const std::regex&,
                                std::regex_constants::match_flag_type);
template std::string std::regex_replace(const std::string&, const std::regex&, const char*,
                                        std::regex_constants::match_flag_type);

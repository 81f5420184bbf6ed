// SystemC elaborates once in a process: each test runs in a child of its own.

#include <gtest/gtest.h>
#include <systemc>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr int no_test_left = 77;

// Of the tests that the filter leaves, the one of this number, as a shard of Google Test's.
int run_only(int number, int of) {
  setenv("GTEST_TOTAL_SHARDS", std::to_string(of).c_str(), 1);
  setenv("GTEST_SHARD_INDEX", std::to_string(number).c_str(), 1);
  const int status = RUN_ALL_TESTS();
  return testing::UnitTest::GetInstance()->test_to_run_count() == 0 ? no_test_left : status;
}

int status_of(pid_t child) {
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child)
    return EXIT_FAILURE;
  if (WIFSIGNALED(status))
    std::printf("the test above was ended by signal %d\n", WTERMSIG(status));
  return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

// Returns in each child too, so that SystemC frees what it has.
int run_each_in_a_child() {
  const int all = testing::UnitTest::GetInstance()->total_test_count();
  int failed = 0;
  for (int number = 0; number < all && !(failed != 0 && GTEST_FLAG_GET(fail_fast)); ++number) {
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0)
      return run_only(number, all);
    const int status = status_of(child);
    if (status == no_test_left)
      break;
    failed += status != 0;
  }
  if (failed != 0)
    std::printf("%d tests failed\n", failed);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace

int sc_main(int argc, char** argv) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  testing::InitGoogleTest(&argc, argv);
  return GTEST_FLAG_GET(list_tests) ? RUN_ALL_TESTS() : run_each_in_a_child();
}

int main(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}

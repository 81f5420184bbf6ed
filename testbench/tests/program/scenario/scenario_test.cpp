#include <icebp/testbench/program/scenario/scenario.h>
#include <icebp/testbench/tests/program/program_test.h>

namespace icebp {
namespace {

Scenario scenario_of(const std::string& text) { return read_scenario(text, profiles()); }

std::string scenario_error(const std::string& text) {
  return error_of([&] { scenario_of(text); });
}

std::string with_steps(const std::string& steps) {
  return R"({"title":"t","cores":[{"name":"intel"},{"name":"amd","profile":"amd-zen1"}],"steps":[)" +
         steps + "]}";
}

std::string step_error(const std::string& step) {
  return scenario_error(with_steps(R"({"code":"f1"},)" + step));
}

TEST(Scenario, ReadsEverything) {
  const Scenario scenario = scenario_of(R"({
    "title": "t", "source": "s", "note": "n",
    "cores": [{"name": "intel", "cpl": 3, "dr7": "0x2400"},
              {"name": "amd_2", "profile": "amd-zen1"}],
    "steps": [
      {"note": "first", "id": 1, "code": "0f 23 f8", "cpl": 1, "on": ["amd_2", "intel"],
       "expect": {"vector": 13, "gpr": {"rax": 1, "rbx": 2}, "msr": {"0x174": 1}},
       "expect_on": {"intel": {"vector": 1, "gpr": {"rbx": {"value": 3, "mask": 7}},
                               "msr": {"0x0174": 2}}}},
      {"event": "firmware_resumes", "verb": "complete", "value": "0x5", "on": ["amd_2"],
       "note": "second", "expect": {"dr6": 0}},
      {"event": "firmware_resumes", "verb": "skip"},
      {"event": "handler_returns"}, {"event": "reset"}, {"event": "init"}]})");
  EXPECT_EQ(scenario.title, "t");
  EXPECT_EQ(scenario.source, "s");
  EXPECT_EQ(scenario.note, "n");
  ASSERT_EQ(scenario.cores.size(), 2u);
  EXPECT_EQ(scenario.cores[0].name, "intel");
  EXPECT_EQ(scenario.cores[0].place, "/cores/0");
  EXPECT_EQ(scenario.cores[0].machine.dr7, 0x2400u);
  EXPECT_EQ(scenario.cores[0].machine.profile, nullptr);
  EXPECT_EQ(scenario.cores[1].machine.profile, find_cpu_profile("amd-zen1"));

  ASSERT_EQ(scenario.steps.size(), 6u);
  const ScenarioStep& first = scenario.steps[0];
  EXPECT_EQ(first.note, "first");
  EXPECT_FALSE(first.event);
  EXPECT_EQ(first.line.code.size(), 3u);
  EXPECT_EQ(first.line.cpl, 1);
  EXPECT_EQ(first.cores, (std::vector<std::size_t>{0, 1}));
  ASSERT_EQ(first.expect.size(), 2u);
  EXPECT_EQ(**first.expect[0].vector, 1u);
  EXPECT_EQ(**first.expect[1].vector, 13u);
  EXPECT_EQ(first.expect[0].gpr[0].value.value, 1u);
  EXPECT_EQ(first.expect[0].gpr[1].value.mask, 7u);
  EXPECT_EQ(first.expect[1].gpr[1].value.value, 2u);
  ASSERT_EQ(first.expect[0].msr.size(), 1u);
  EXPECT_EQ(first.expect[0].msr[0].value.value, 2u);

  const ScenarioStep& second = scenario.steps[1];
  EXPECT_EQ(second.event, ScenarioEvent::firmware_resumes);
  EXPECT_EQ(second.verb, ResumeVerb::complete);
  EXPECT_EQ(second.value, 5u);
  EXPECT_EQ(second.cores, (std::vector<std::size_t>{1}));
  EXPECT_EQ(second.expect.size(), 1u);
  EXPECT_EQ(scenario.steps[2].verb, ResumeVerb::skip);
  EXPECT_TRUE(scenario.steps[2].expect.empty());
  EXPECT_EQ(scenario.steps[3].event, ScenarioEvent::handler_returns);
  EXPECT_EQ(scenario.steps[4].event, ScenarioEvent::reset);
  EXPECT_EQ(scenario.steps[5].event, ScenarioEvent::init);
}

TEST(Scenario, HasOneCoreWithoutCores) {
  const Scenario plain = scenario_of(R"({"title":"","steps":[{"code":"f1"}]})");
  ASSERT_EQ(plain.cores.size(), 1u);
  EXPECT_EQ(plain.cores[0].name, "core");
  EXPECT_EQ(plain.cores[0].place, "");
  const Scenario machine =
      scenario_of(R"({"title":"","machine":{"cpl":3},"steps":[{"code":"f1"}]})");
  ASSERT_EQ(machine.cores.size(), 1u);
  EXPECT_EQ(machine.cores[0].name, "core");
  EXPECT_EQ(machine.cores[0].place, "/machine");
  EXPECT_EQ(machine.cores[0].machine.cpl, 3);
}

TEST(Scenario, SaysWhereTextIsNoJson) {
  EXPECT_EQ(scenario_error("{\n \"title\": \"\",\n}"),
            "line 3, column 1: syntax error: no key in double quotes, but }");
  EXPECT_EQ(scenario_error("// comment").substr(0, 17), "line 1, column 1:");
  EXPECT_EQ(scenario_error("").substr(0, 17), "line 1, column 1:");
}

TEST(Scenario, RefusesDuplicateKeysAnywhere) {
  EXPECT_EQ(scenario_error(R"({"title":"","title":""})"), "/title: given twice; once");
  EXPECT_EQ(step_error(R"({"code":"f1","expect":{"gpr":{"rax":{"value":1,"value":1}}}})"),
            "/steps/1/expect/gpr/rax/value: given twice; once");
  EXPECT_EQ(step_error(R"({"code":"f1","dr":[1,2,3,4],"dr":0})"), "/steps/1/dr: given twice; once");
  EXPECT_EQ(step_error(R"({"code":"f1","msr":{"0x174":0,"0x0174":0}})"),
            "/steps/1/msr/0x0174: given twice; once");
}

TEST(Scenario, NamesItsSchemaAtTheTopOnly) {
  EXPECT_EQ(scenario_of(R"({"$schema":"s.json","title":"t","steps":[{"code":"f1"}]})").title, "t");
  EXPECT_EQ(scenario_error(R"({"$schema":5})"),
            "/$schema: 5 is not a schema; a string, its path or address");
  EXPECT_EQ(scenario_error(R"({"title":"","machine":{"$schema":""}})").substr(0, 31),
            "/machine/$schema: unknown key; ");
  EXPECT_EQ(step_error(R"({"$schema":"s.json","code":"f1"})").substr(0, 31),
            "/steps/1/$schema: unknown key; ");
}

TEST(Scenario, RefusesWrongTops) {
  EXPECT_EQ(scenario_error("5"),
            R"(5 is not a scenario; {"title": "A title", "steps": [{"code": "f1"}]})");
  EXPECT_EQ(scenario_error(R"({"title":"","step":[]})"),
            "/step: unknown key (did you mean steps?); title, source, note, machine, cores, steps, "
            "$schema");
  EXPECT_EQ(scenario_error(R"({"steps":[{"code":"f1"}]})"), "/title: missing; a string");
  EXPECT_EQ(scenario_error(R"({"title":5})"), "/title: 5 is not text; a string");
  EXPECT_EQ(scenario_error(R"({"title":"","source":[]})"), "/source: a list is not text; a string");
  EXPECT_EQ(scenario_error(R"({"title":""})"), "/steps: missing; a list of steps");
  EXPECT_EQ(scenario_error(R"({"title":"","steps":{}})"),
            R"(/steps: an object is not a list of steps; [{"code": "f1"}])");
  EXPECT_EQ(scenario_error(R"({"title":"","steps":[]})"), "/steps: 0 entries; 1 to 100000");
  EXPECT_EQ(
      scenario_error(R"({"title":"","cores":[{"name":"a"}],"machine":{},"steps":[{"code":"f1"}]})"),
      "/machine: cores and machine in one scenario; one of the two");
}

TEST(Scenario, RefusesWrongCores) {
  const auto error = [](const std::string& cores) {
    return scenario_error(R"({"title":"","cores":)" + cores + R"(,"steps":[{"code":"f1"}]})");
  };
  const std::string legal = "; a letter a-z, then a-z, 0-9 and _; no two alike";
  std::string nine_cores = "[";
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"})
    nine_cores += std::string(R"({"name":")") + name + "\"},";
  nine_cores += R"({"name":"i"}])";
  EXPECT_EQ(error("{}"), R"(/cores: an object is not a list of cores; [{"name": "core"}])");
  EXPECT_EQ(error("[]"), "/cores: 0 entries; 1 to 8");
  EXPECT_EQ(error(nine_cores), "/cores/8: one entry too many; 1 to 8");
  EXPECT_EQ(error("[1]"), R"(/cores/0: 1 is not a core; {"name": "core"})");
  EXPECT_EQ(error("[{}]"), "/cores/0/name: missing" + legal);
  for (const char* name : {"", "1a", "A", "a-b", "_a"})
    EXPECT_EQ(error(std::string(R"([{"name":")") + name + "\"}]"),
              std::string("/cores/0/name: \"") + name + "\" is not a core's name" + legal);
  EXPECT_EQ(error(R"([{"name":"a"},{"name":"a"}])"),
            "/cores/1/name: there is a core a already" + legal);
  EXPECT_EQ(error(R"([{"name":"a","cpl":5}])"), "/cores/0/cpl: 5 is not a privilege level; 0 to 3");
  EXPECT_EQ(error(R"([{"name":"a","code":"f1"}])"),
            "/cores/0/code: has no place here; leave it out");
  EXPECT_EQ(error(R"([{"name":"a","vmx":1}])"),
            R"(/cores/0/vmx: 1 is not an object of VMX controls; {"mov_dr_exiting": true}, null)");
  EXPECT_EQ(error(R"([{"name":"a","mod":"long"}])"),
            "/cores/0/mod: unknown key (did you mean mode?); name, profile, apic_id, bsp, mode, "
            "cpl, rip, "
            "rflags, cr0, cr4, efer, dr, dr6, dr7, gpr, msr, mem, shadow, pending, redirect_db, "
            "rtm, vmx, svm");
  EXPECT_EQ(scenario_error(R"({"title":"","machine":[],"steps":[{"code":"f1"}]})"),
            R"(/machine: a list is not a machine; {"mode": "long"})");
  EXPECT_EQ(scenario_error(R"({"title":"","machine":{"name":"a"},"steps":[]})").substr(0, 26),
            "/machine/name: unknown key");
}

TEST(Scenario, RefusesWrongSteps) {
  EXPECT_EQ(step_error("5"), R"(/steps/1: 5 is not a step; {"code": "f1"})");
  EXPECT_EQ(step_error("{}"), "/steps/1: neither code nor event; one of the two");
  EXPECT_EQ(step_error(R"({"code":"f1","event":"reset"})"),
            "/steps/1: code and event in one step; one of the two");
  EXPECT_EQ(step_error(R"({"code":"f1","profile":"amd-zen1"})"),
            "/steps/1/profile: a core keeps its profile; leave it out");
  EXPECT_EQ(step_error(R"({"code":"f1","apic_id":1})"),
            "/steps/1/apic_id: has no place here; leave it out");
  EXPECT_EQ(step_error(R"({"code":"f1","bsp":true})"),
            "/steps/1/bsp: has no place here; leave it out");
  EXPECT_EQ(step_error(R"({"code":"f1","cpl":5})"),
            "/steps/1/cpl: 5 is not a privilege level; 0 to 3");
  EXPECT_EQ(step_error(R"({"code":"f1","gpr":{"rax":-1}})").substr(0, 45),
            "/steps/1/gpr/rax: -1 is not a 64-bit value or");
  EXPECT_EQ(step_error(R"({"code":"f"})").substr(0, 16), "/steps/1/code: \"");
  EXPECT_EQ(step_error(R"({"code":"f1","note":1})"), "/steps/1/note: 1 is not text; a string");
  EXPECT_EQ(step_error(R"({"code":"f1","verb":"skip"})").substr(0, 40),
            "/steps/1/verb: unknown key; does, note, ");
  EXPECT_EQ(step_error(R"({"code":"f1","id":null})"),
            "/steps/1/id: null is not an id; an integer or a string");
}

TEST(Scenario, RefusesWrongEvents) {
  EXPECT_EQ(step_error(R"({"event":"sleep"})"),
            "/steps/1/event: \"sleep\" is not an event; handler_returns, firmware_resumes, "
            "page_fault, reset, init, pmi");
  EXPECT_EQ(step_error(R"({"event":"reset","cpl":0})"),
            "/steps/1/cpl: unknown key; event, verb, value, address, error_code, rf, overflowed, "
            "id, note, on, expect, expect_on");
  EXPECT_EQ(step_error(R"({"event":"reset","verb":"skip"})"),
            "/steps/1/verb: goes with firmware_resumes only; leave it out");
  EXPECT_EQ(step_error(R"({"event":"firmware_resumes"})"),
            "/steps/1/verb: missing; reexecute, skip, complete, inject_gp");
  EXPECT_EQ(step_error(R"({"event":"firmware_resumes","verb":1})"),
            "/steps/1/verb: 1 is not a verb; reexecute, skip, complete, inject_gp");
  EXPECT_EQ(step_error(R"({"event":"firmware_resumes","verb":"complete"})"),
            "/steps/1/value: missing; the value of the MOV");
  EXPECT_EQ(step_error(R"({"event":"firmware_resumes","verb":"skip","value":1})"),
            "/steps/1/value: goes with the verb complete only; leave it out");
  EXPECT_EQ(step_error(R"({"event":"firmware_resumes","verb":"complete","value":"5"})"),
            "/steps/1/value: \"5\" is not a 64-bit value; \"0x\" and 1 to 16 hex digits, or an "
            "integer from 0");
  EXPECT_EQ(step_error(R"({"event":"reset","id":[]})"),
            "/steps/1/id: a list is not an id; an integer or a string");
}

TEST(Scenario, ReadsAPageFault) {
  const Scenario scenario = scenario_of(with_steps(
      R"({"event":"page_fault","address":"0xffff800000000010","error_code":2,
          "expect":{"vector":14,"cr2":"0xffff800000000010"}})"));
  const ScenarioStep& step = scenario.steps[0];
  EXPECT_EQ(step.event, ScenarioEvent::page_fault);
  EXPECT_EQ(step.address, 0xFFFF800000000010u);
  EXPECT_EQ(step.error_code, 2u);
  EXPECT_EQ(step.expect[0].cr2->value().value, 0xFFFF800000000010u);
}

TEST(Scenario, RefusesWrongPageFaults) {
  const auto error = [](const char* more) {
    return step_error(std::string(R"({"event":"page_fault",)") + more + '}');
  };
  EXPECT_EQ(error(R"("error_code":0)"), "/steps/1/address: missing; the address of the access");
  EXPECT_EQ(error(R"("address":0)"), "/steps/1/error_code: missing; 0 to 65535");
  for (const char* bad : {"65536", "-1", "\"0x2\"", "null", "2.5"})
    EXPECT_EQ(error((R"("address":0,"error_code":)" + std::string(bad)).c_str()),
              std::string("/steps/1/error_code: ") + bad + " is not an error code; 0 to 65535");
  EXPECT_EQ(error(R"("address":true,"error_code":0)").substr(0, 35),
            "/steps/1/address: true is not a 64-");
  EXPECT_EQ(step_error(R"({"event":"reset","address":0})"),
            "/steps/1/address: goes with page_fault only; leave it out");
  EXPECT_EQ(step_error(R"({"event":"init","error_code":0})"),
            "/steps/1/error_code: goes with page_fault only; leave it out");
}

TEST(Scenario, ReadsAPmi) {
  const Scenario scenario =
      scenario_of(with_steps(R"({"event":"pmi","overflowed":"0x100000001"})"));
  EXPECT_EQ(scenario.steps[0].event, ScenarioEvent::pmi);
  EXPECT_EQ(scenario.steps[0].overflowed, 0x100000001u);
  EXPECT_EQ(step_error(R"({"event":"pmi"})"),
            "/steps/1/overflowed: missing; the bits of the global status");
  EXPECT_EQ(step_error(R"({"event":"reset","overflowed":0})"),
            "/steps/1/overflowed: goes with pmi only; leave it out");
}

TEST(Scenario, ReadsWhatAnotherInstructionDoes) {
  const Scenario scenario = scenario_of(with_steps(
      R"({"code":"90","does":{"accesses":[{"read":"0x2000","size":2},{"write":1,"size":64},
                                          {"io":"0x3f8","size":1}],
                              "repeats":true,"fast_string":true,"bus_lock":true,
                              "task_switch":false,"rtm_abort":"0x3000","ending":"mov_ss",
                              "to":"0x4000","rflags":"0x102"}},
         {"code":"cc","does":{"interrupt":3}},{"code":"90","does":{}})"));
  const OtherInstruction& does = *scenario.steps[0].does;
  ASSERT_EQ(does.accesses.size(), 3u);
  EXPECT_EQ(does.accesses[0].operation, Operation::data_read);
  EXPECT_EQ(does.accesses[0].value, 0x2000u);
  EXPECT_EQ(does.accesses[0].size, 2u);
  EXPECT_EQ(does.accesses[1].operation, Operation::data_write);
  EXPECT_EQ(does.accesses[1].size, 64u);
  EXPECT_EQ(does.accesses[2].operation, Operation::io_access);
  EXPECT_TRUE(does.repeats && does.fast_string && does.bus_lock);
  EXPECT_EQ(does.task_switch, false);
  EXPECT_EQ(does.rtm_abort, 0x3000u);
  EXPECT_EQ(does.ending, Ending::mov_ss);
  EXPECT_EQ(does.to, 0x4000u);
  EXPECT_EQ(does.rflags, 0x102u);
  EXPECT_FALSE(does.vector);
  EXPECT_EQ(scenario.steps[1].does->vector, 3);
  EXPECT_EQ(scenario.steps[1].does->ending, Ending::interrupt_entry);
  EXPECT_FALSE(scenario.steps[1].does->branch); // the handler's entry is one of its own
  EXPECT_FALSE(scenario.steps[2].does->task_switch);
}

TEST(Scenario, ReadsBranches) {
  const auto branch = [](const char* does) {
    return scenario_of(std::string(R"({"title":"","steps":[{"code":"90","does":)") + does + "}]}")
        .steps[0]
        .does->branch;
  };
  EXPECT_EQ(branch(R"({"ending":"taken_branch"})"), Branch::near_rel_jmp);
  EXPECT_EQ(branch(R"({"ending":"taken_branch","branch":"near_ret"})"), Branch::near_ret);
  EXPECT_EQ(branch(R"({"ending":"syscall"})"), Branch::far_branch);
  EXPECT_EQ(branch(R"({"ending":"sti"})"), std::nullopt);
  EXPECT_EQ(step_error(R"({"code":"90","does":{"mispredicted":true}})"),
            "/steps/1/does/mispredicted: goes with ending taken_branch only; leave it out");
  EXPECT_EQ(step_error(R"({"code":"90","does":{"branch":"jcc"}})"),
            "/steps/1/does/branch: goes with ending taken_branch only; leave it out");
  EXPECT_EQ(
      step_error(R"({"code":"90","does":{"ending":"taken_branch","branch":"jmp"}})").substr(0, 51),
      "/steps/1/does/branch: \"jmp\" is not a branch; jcc, n");
}

TEST(Scenario, RefusesWrongDoings) {
  const auto error = [](const char* does) {
    return step_error(std::string(R"({"code":"90","does":)") + does + '}');
  };
  EXPECT_EQ(error("1"),
            R"(/steps/1/does: 1 is not what an instruction does; {"ending": "taken_branch"})");
  EXPECT_EQ(error(R"({"writes":1})").substr(0, 47),
            "/steps/1/does/writes: unknown key; accesses, re");
  EXPECT_EQ(error(R"({"accesses":[]})"), "/steps/1/does/accesses: 0 entries; 1 to 16");
  EXPECT_EQ(error(R"({"accesses":[{"size":1}]})"),
            "/steps/1/does/accesses/0: no address; read, write or io with an address, and size");
  EXPECT_EQ(error(R"({"accesses":[{"read":1,"write":1,"size":1}]})"),
            "/steps/1/does/accesses/0/write: a second address in one access; one of the two");
  EXPECT_EQ(error(R"({"accesses":[{"read":1}]})"), "/steps/1/does/accesses/0/size: missing; bytes");
  EXPECT_EQ(error(R"({"accesses":[{"read":1,"size":0}]})"),
            "/steps/1/does/accesses/0/size: 0 is not in range; 1 to 4096");
  EXPECT_EQ(error(R"({"ending":"jump"})"),
            "/steps/1/does/ending: \"jump\" is not an ending; plain, taken_branch, sti, mov_ss, "
            "interrupt_entry, syscall");
  EXPECT_EQ(error(R"({"repeats":1})"),
            "/steps/1/does/repeats: 1 is not a truth value; true, false");
  EXPECT_EQ(error(R"({"interrupt":256})"),
            "/steps/1/does/interrupt: 256 is not in range; 0 to 255");
  EXPECT_EQ(error(R"({"interrupt":3,"ending":"plain"})"),
            "/steps/1/does/interrupt: interrupt and ending in one instruction; one of the two");
  EXPECT_EQ(error(R"({"fast_string":true})"),
            "/steps/1/does/fast_string: goes with repeats only; leave it out");
  EXPECT_EQ(step_error(R"({"event":"reset","rf":true})"),
            "/steps/1/rf: goes with handler_returns and firmware_resumes only; leave it out");
  EXPECT_EQ(step_error(R"({"event":"handler_returns","rf":1})"),
            "/steps/1/rf: 1 is not a truth value; true, false");
}

TEST(Scenario, ReadsGuestsOfCoresAndSteps) {
  const Scenario scenario = scenario_of(R"({"title":"","machine":{"vmx":{"mov_dr_exiting":true}},
      "steps":[{"code":"f1"},{"code":"f1","vmx":null},{"code":"f1","vmx":{}}]})");
  EXPECT_TRUE((*scenario.cores[0].machine.vmx)->mov_dr_exiting);
  EXPECT_FALSE(scenario.steps[0].line.vmx);
  EXPECT_FALSE(*scenario.steps[1].line.vmx);
  EXPECT_FALSE((*scenario.steps[2].line.vmx)->mov_dr_exiting);
}

TEST(Scenario, LaysOneCoresExpectedExitOverThatOfAll) {
  const Scenario scenario = scenario_of(with_steps(
      R"({"code":"f1","expect":{"exit":{"reason":29,"qualification":1}},
          "expect_on":{"intel":{"exit":{"qualification":null}},"amd":{"exit":null}}})"));
  const auto& intel = **scenario.steps[0].expect[0].exit;
  ASSERT_EQ(intel.size(), 2u);
  EXPECT_EQ(intel[0].field, ExitField::reason);
  EXPECT_EQ(intel[0].value->value, 29u);
  EXPECT_EQ(intel[1].field, ExitField::qualification);
  EXPECT_FALSE(intel[1].value);
  EXPECT_FALSE(*scenario.steps[0].expect[1].exit);
}

// Whatever `expect` says of a key, `expect_on` beats, and the order of keys means nothing.
TEST(Scenario, LaysEveryKeyOfOneCoreOverThatOfAll) {
  const struct {
    const char *key, *all, *one;
  } keys[] = {
      {"id", "1", "2"},
      {"outcome", "\"trap\"", "\"fault\""},
      {"vector", "1", "null"},
      {"error_code", "0", "null"},
      {"cause", "\"int1\"", "\"cpl\""},
      {"payload", "1", "null"},
      {"exit", "null", "{\"reason\":1}"},
      {"redirected", "true", "false"},
      {"rip", "1", "2"},
      {"rf", "0", "null"},
      {"gpr", "{\"rax\":1}", "{\"rax\":2}"},
      {"msr", "{\"0x10\":1}", "{\"0x10\":2}"},
      {"mem", "{\"0x10\":\"01\"}", "{\"0x10\":\"02\"}"},
      {"cr2", "1", "null"},
      {"dr", "[1,2,3,4]", "[4,3,2,1]"},
      {"dr6", "1", "2"},
      {"dr7", "1", "2"},
      {"serializing", "true", "false"},
      {"cost", "\"slow_read\"", "\"fast_read\""},
      {"cycles", "1", "2"},
  };
  const Answer answer = run(R"({"id":1,"code":"f1"})");
  for (const auto& [key, all, one] : keys) {
    const auto object = [name = std::string(key)](const char* value) {
      return "{\"" + name + "\":" + value + "}";
    };
    const Scenario alone = scenario_of(with_steps(R"({"code":"f1","expect":)" + object(one) + "}"));
    const Scenario over =
        scenario_of(with_steps(R"({"expect_on":{"amd":)" + object(one) + R"(},"expect":)" +
                               object(all) + R"(,"on":["amd"],"code":"f1"})"));
    const Expectation& expected = alone.steps[0].expect[1];
    const Expectation& got = over.steps[0].expect[0];
    EXPECT_EQ(got.id, expected.id) << key;
    const auto differences = compare(got, answer);
    const auto as_alone = compare(expected, answer);
    ASSERT_EQ(differences.size(), as_alone.size()) << key;
    for (std::size_t n = 0; n < differences.size(); ++n)
      EXPECT_EQ(differences[n].expected, as_alone[n].expected) << key;
  }
}

// Entries that the one core's expectation does not name stay; those it names go by its value.
TEST(Scenario, LaysListsOfOneCoreOverThoseOfAllEntryByEntry) {
  const struct {
    const char *key, *all, *one, *both;
  } lists[] = {
      {"gpr", R"({"rax":1,"rbx":2})", R"({"rbx":3,"rcx":4})", R"({"rax":1,"rbx":3,"rcx":4})"},
      {"msr", R"({"0x174":1,"0x175":2})", R"({"0x175":3,"0x176":4})",
       R"({"0x174":1,"0x175":3,"0x176":4})"},
      {"mem", R"({"0x10":"01","0x20":"02"})", R"({"0x20":"03","0x30":"04"})",
       R"({"0x10":"01","0x20":"03","0x30":"04"})"},
      {"exit", R"({"reason":1,"qualification":2})", R"({"qualification":3,"intr_info":4})",
       R"({"reason":1,"qualification":3,"intr_info":4})"},
  };
  const Answer answer = run(R"({"id":1,"code":"f1","vmx":{"exception_bitmap":2}})");
  for (const auto& [key, all, one, both] : lists) {
    const std::string object = "{\"" + std::string(key) + "\":";
    const Scenario scenario = scenario_of(with_steps(
        R"({"code":"f1","on":["intel"],"expect":)" + object + all + R"(},"expect_on":{"intel":)" +
        object + one + R"(}}},{"code":"f1","on":["intel"],"expect":)" + object + both + "}}"));
    const auto got = compare(scenario.steps[0].expect[0], answer);
    const auto expected = compare(scenario.steps[1].expect[0], answer);
    ASSERT_EQ(expected.size(), 3u) << key;
    ASSERT_EQ(got.size(), 3u) << key;
    for (std::size_t n = 0; n < got.size(); ++n) {
      EXPECT_EQ(got[n].key, expected[n].key);
      EXPECT_EQ(got[n].expected, expected[n].expected) << got[n].key;
    }
  }
}

TEST(Scenario, TakesAnExpectationOfEachCoreOnce) {
  EXPECT_EQ(step_error(R"({"code":"f1","expect_on":{"amd":{},"intel":{}}})"), "no error");
  EXPECT_EQ(step_error(R"({"code":"f1","expect_on":{"amd":{},"amd":{}}})"),
            "/steps/1/expect_on/amd: given twice; once");
}

TEST(Scenario, KnowsCoresThatComeBehindTheSteps) {
  const Scenario scenario = scenario_of(
      R"({"steps":[{"on":["b"],"code":"f1"}],"cores":[{"cpl":3,"name":"a"},{"name":"b"}],"title":""})");
  EXPECT_EQ(scenario.steps[0].cores, std::vector<std::size_t>{1});
  EXPECT_EQ(scenario.cores[0].machine.cpl, 3);
  EXPECT_EQ(
      step_error(R"({"cpll":0,"event":"reset"})"),
      "/steps/1/cpll: unknown key (did you mean cpl?); does, note, on, expect_on, event, "
      "verb, value, address, "
      "error_code, rf, overflowed, id, code, mode, cpl, rip, rflags, cr0, cr4, efer, dr, dr6, "
      "dr7, gpr, msr, mem, shadow, pending, redirect_db, rtm, vmx, svm, expect");
  EXPECT_EQ(step_error(R"({"cpl":0,"event":"reset"})").substr(0, 34),
            "/steps/1/cpl: unknown key; event, ");
}

TEST(Scenario, RefusesWrongCoresOfAStep) {
  EXPECT_EQ(step_error(R"({"code":"f1","on":"intel"})"),
            R"(/steps/1/on: "intel" is not a list of cores; ["core"])");
  EXPECT_EQ(step_error(R"({"code":"f1","on":[]})"), "/steps/1/on: 0 entries; 1 to 8");
  EXPECT_EQ(step_error(R"({"code":"f1","on":["amd","via"]})"),
            "/steps/1/on/1: \"via\" is not a core; intel, amd");
  EXPECT_EQ(step_error(R"({"code":"f1","on":["amd","amd"]})"), "/steps/1/on/1: given twice; once");
  EXPECT_EQ(step_error(R"({"code":"f1","on":["amd"],"expect_on":{"intel":{}}})"),
            "/steps/1/expect_on/intel: not a core of this step; amd");
  EXPECT_EQ(step_error(R"({"code":"f1","expect_on":{"via":{}}})"),
            "/steps/1/expect_on/via: not a core of this step; intel, amd");
  EXPECT_EQ(step_error(R"({"code":"f1","expect_on":{"amd":{"vector":-1}}})"),
            "/steps/1/expect_on/amd/vector: -1 is not legal here; 0 to 255, null");
  EXPECT_EQ(
      step_error(R"({"code":"f1","expect_on":[]})"),
      R"(/steps/1/expect_on: a list is not an object of expectations by core; {"core": {"outcome": )"
      R"("retired"}})");
  EXPECT_EQ(step_error(R"({"code":"f1","expect":1})"),
            R"(/steps/1/expect: 1 is not an object of answer keys; {"outcome": "retired"})");
}

TEST(Scenario, TakesAHundredThousandSteps) {
  std::string steps = R"({"code":"f1"})";
  for (std::size_t i = 1; i < max_scenario_steps; ++i)
    steps += R"(,{"code":"f1"})";
  EXPECT_EQ(scenario_of(with_steps(steps)).steps.size(), max_scenario_steps);
  EXPECT_EQ(scenario_error(with_steps(steps + R"(,{"code":"f1"})")),
            "/steps/100000: one entry too many; 1 to 100000");
}

} // namespace
} // namespace icebp

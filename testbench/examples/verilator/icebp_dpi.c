/* What the bench imports: a core of the model, by the functions of icebp.h. */
#include <icebp.h>

#include <stdio.h>
#include <stdlib.h>

void* model_new(const char* profile);
int model_put(void* core, const char* operation, int dr, int cpl, int cr4_de, int long_mode,
              uint64_t operand, uint64_t* result);
uint64_t model_dr(void* core, int dr);

static void fail(const char* message) {
  fprintf(stderr, "icebp: %s\n", message);
  exit(2);
}

void* model_new(const char* profile) {
  icebp_cpu* cpu;
  icebp_core* core;
  char message[1000];
  if (icebp_cpu_new(profile, &cpu, message, sizeof message) != ICEBP_OK)
    fail(message);
  if (icebp_core_new(cpu, 0, 1, &core) != ICEBP_OK)
    fail("no core");
  icebp_cpu_delete(cpu);
  return core;
}

/* Gives the vector, FFh where the operation retires. */
int model_put(void* core, const char* operation, int dr, int cpl, int cr4_de, int long_mode,
              uint64_t operand, uint64_t* result) {
  icebp_request request;
  icebp_request_init(&request, sizeof request,
                     (uint32_t)icebp_number(ICEBP_NAMES_OPERATION, operation));
  request.dr = (uint8_t)dr;
  request.value = operand;
  request.context.mode = long_mode ? ICEBP_MODE_LONG : ICEBP_MODE_PROTECTED;
  request.context.cpl = (uint8_t)cpl;
  request.context.cr4_de = (uint8_t)cr4_de;
  icebp_outcome outcome = {.size = sizeof outcome};
  if (icebp_execute(core, &request, &outcome) != ICEBP_OK)
    fail(icebp_problem(core));
  *result = outcome.value;
  return (int)outcome.vector;
}

uint64_t model_dr(void* core, int dr) {
  uint64_t value = 0;
  icebp_peek_dr(core, (unsigned)dr, &value);
  return value;
}

/* What an emulator in C asks: general detect, then a data watchpoint. */
#include <icebp.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Carries `request` out, and shows what became of it. */
static icebp_outcome put(icebp_core* core, const icebp_request* request) {
  icebp_outcome outcome = {.size = sizeof outcome};
  if (icebp_execute(core, request, &outcome) != ICEBP_OK) {
    fprintf(stderr, "%s\n", icebp_problem(core));
    exit(2);
  }
  printf("%-18s  %-7s  %-15s  rip %" PRIx64 "\n",
         icebp_name(ICEBP_NAMES_OPERATION, request->operation),
         icebp_name(ICEBP_NAMES_KIND, outcome.kind), icebp_name(ICEBP_NAMES_CAUSE, outcome.cause),
         outcome.rip);
  return outcome;
}

static void mov_to_dr(icebp_core* core, unsigned dr, uint64_t value) {
  icebp_request request;
  icebp_request_init(&request, sizeof request, ICEBP_OP_MOV_TO_DR);
  request.dr = (uint8_t)dr;
  request.value = value;
  request.length = 3;
  request.rip = 0x1000;
  put(core, &request);
}

/* mov [rdi], eax, two bytes at 2000h: executed only where something may come of it. */
static void store(icebp_core* core, uint64_t rdi) {
  if (!icebp_may_meet(core, ICEBP_OP_DATA_WRITE, rdi, 4) &&
      !(icebp_armed(core) & ICEBP_WAITS_AT_BOUNDARY)) {
    puts("a store that meets nothing");
    return;
  }
  icebp_request request;
  icebp_request_init(&request, sizeof request, ICEBP_OP_DATA_WRITE);
  request.rip = 0x2000;
  request.value = rdi;
  request.access_size = 4;
  put(core, &request);
  icebp_request_init(&request, sizeof request, ICEBP_OP_END_OF_INSTRUCTION);
  request.value = 0x2002; /* the next instruction */
  const icebp_outcome end = put(core, &request);
  printf("%s, payload %" PRIx64 "\n", icebp_name(ICEBP_NAMES_VECTOR, end.vector), end.payload);
}

int main(int argc, char** argv) {
  icebp_cpu* cpu;
  icebp_core* core;
  char message[1000];
  if (icebp_cpu_new(argc > 1 ? argv[1] : "intel-skylake", &cpu, message, sizeof message) != ICEBP_OK ||
      icebp_core_new(cpu, 0, 1, &core) != ICEBP_OK) {
    fprintf(stderr, "%s\n", message);
    return 2;
  }
  mov_to_dr(core, 7, 0x2400); /* GD */
  mov_to_dr(core, 0, 0x5000); /* #DB; GD is cleared */
  mov_to_dr(core, 0, 0x5000);
  store(core, 0x5000);
  mov_to_dr(core, 7, 0xD0402); /* G0, four bytes, writes */
  store(core, 0x5002);

  uint64_t dr6;
  icebp_peek_dr(core, 6, &dr6);
  printf("dr6 %" PRIx64 "\n", dr6);
  icebp_core_delete(core);
  icebp_cpu_delete(cpu);
  return 0;
}

// The register file beside the model: the same random operations to both, all that can be seen
// compared after each. +seed=N, +operations=N, +planted=N as in debug_registers.sv, +vcd=FILE.
module lockstep;
  import "DPI-C" function chandle model_new(input string profile);
  import "DPI-C" function int model_put(
      input chandle core, input string operation, input int dr, input int cpl, input int cr4_de,
      input int long_mode, input longint unsigned operand, output longint unsigned result);
  import "DPI-C" function longint unsigned model_dr(input chandle core, input int dr);

  typedef struct packed {
    logic [7:0] exception;
    logic [63:0] result, dr0, dr1, dr2, dr3, dr6, dr7;
  } seen_t;

  logic clk = 0;
  initial forever #5 clk = !clk;

  logic rst = 1, start = 0, int1, write, cr4_de, long_mode;
  logic [2:0] dr;
  logic [1:0] cpl;
  logic [63:0] operand;
  logic [3:0] planted = 0;
  wire done;
  seen_t rtl;
  seen_t model;
  /* verilator lint_off UNUSEDSIGNAL */
  logic differs = 0;  // in the waves
  /* verilator lint_on UNUSEDSIGNAL */

  debug_registers dut (
      .exception(rtl.exception), .result(rtl.result), .dr0(rtl.dr0), .dr1(rtl.dr1), .dr2(rtl.dr2),
      .dr3(rtl.dr3), .dr6(rtl.dr6), .dr7(rtl.dr7), .*);

  // Numbers that are the same everywhere (xorshift, G. Marsaglia 2003).
  logic [31:0] random;
  function automatic logic [31:0] next();
    random ^= random << 13;
    random ^= random >> 17;
    random ^= random << 5;
    return random;
  endfunction

  // Registers are read back, GD is set, and the upper half is used often enough to matter.
  task automatic choose();
    int1 = next() % 16 == 0;
    write = next() % 2 == 0;
    dr = 3'(next() >> 8);
    cpl = next() % 4 == 0 ? 2'(next() >> 8) : 0;
    cr4_de = next() % 2 == 0;
    long_mode = next() % 4 != 0;
    operand = {next() % 8 == 0 ? next() : 32'd0, next()};
    if (next() % 4 != 0) operand[13] = 0;
  endtask

  chandle core;
  task automatic put_to_model(input string operation);
    longint unsigned result;
    model.exception = 8'(model_put(core, operation, int'(dr), int'(cpl), int'(cr4_de), int'(long_mode),
                                operand, result));
    model.result = result;
    model.dr0 = model_dr(core, 0);
    model.dr1 = model_dr(core, 1);
    model.dr2 = model_dr(core, 2);
    model.dr3 = model_dr(core, 3);
    model.dr6 = model_dr(core, 6);
    model.dr7 = model_dr(core, 7);
  endtask

  int operations = 20000, seed = 1, mismatches = 0;
  string vcd;
  initial begin
    void'($value$plusargs("operations=%d", operations));
    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("planted=%d", planted));
    if ($value$plusargs("vcd=%s", vcd)) begin
      $dumpfile(vcd);
      $dumpvars;
    end
    random = 32'(seed);
    core = model_new("intel-skylake");
    repeat (2) @(negedge clk);
    rst = 0;
    for (int n = 1; n <= operations && mismatches == 0; ++n) begin
      choose();
      start = 1;
      do @(negedge clk); while (!done);
      start = 0;
      put_to_model(int1 ? "int1" : write ? "mov_to_dr" : "mov_from_dr");
      if (rtl !== model) begin
        differs = 1;
        ++mismatches;
        $display("operation %0d: %0s, DR%0d, CPL %0d, CR4.DE %0d, operand %h differs", n,
                 int1 ? "INT1" : write ? "MOV to DR" : "MOV from DR", dr, cpl, cr4_de, operand);
        $display("  RTL:   exception %h, result %h, DR6 %h, DR7 %h", rtl.exception, rtl.result, rtl.dr6, rtl.dr7);
        $display("  model: exception %h, result %h, DR6 %h, DR7 %h", model.exception, model.result, model.dr6, model.dr7);
        @(negedge clk);
      end
      if (next() % 512 == 0) begin
        rst = 1;
        @(negedge clk);
        rst = 0;
        put_to_model("reset");
      end
    end
    $display("seed %0d, fault %0d: %0d operations, %0s", seed, planted, operations,
             mismatches == 0 ? "no difference" : "a difference");
    $finish;
  end
endmodule

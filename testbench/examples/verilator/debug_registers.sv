// A debug-register file: MOV to and from DR0 to DR7, INT1 and the delivery of their #DB, as an Intel
// Skylake does it (docs/debug-unit.md 1, 2.2, 3, 5.5). An operation begins at an
// edge with `start`, is checked at the next and over at the third, where `done` rises: its register
// changes, or the payload of its #DB reaches DR6 and DR7.GD falls.
module debug_registers (
    input logic clk,
    input logic rst,
    // the operation, held from `start` to `done`
    input logic start,
    input logic int1,
    input logic write,  // MOV to a DR, else from one
    input logic [2:0] dr,
    input logic [1:0] cpl,
    input logic cr4_de,
    input logic long_mode,  // operands have 64 bits, else 32
    input logic [63:0] operand,
    // its outcome, valid with `done`
    output logic done,
    output logic [7:0] exception,  // 1 #DB, 6 #UD, 13 #GP; FFh: it retires
    output logic [63:0] result,
    // the registers, as they are
    output logic [63:0] dr0,
    output logic [63:0] dr1,
    output logic [63:0] dr2,
    output logic [63:0] dr3,
    output logic [63:0] dr6,
    output logic [63:0] dr7,
    // 0, or the number of a fault that is built in, to see that it is found: 1 privilege is checked
    // before general detect, 2 GD stays at delivery, 3 CR4.DE does not count, 4 bits 63:32 of DR6 and
    // DR7 are dropped, 5 DR6 bit 12 can be written, 6 a #DB keeps the B bits, 7 DR7 bit 10 reads 0,
    // 8 bits 63:32 count outside 64-bit mode, 9 a #DB leaves DR6.RTM alone
    input logic [3:0] planted
);
  localparam logic [7:0] RETIRED = 8'hFF, DB = 8'd1, UD = 8'd6, GP = 8'd13;
  localparam int B0 = 0, B3 = 3, BD = 13, RTM = 16, GD = 13;

  typedef enum logic [1:0] {IDLE, CHECK, RETIRE, DELIVER} phase_t;
  phase_t phase;

  // DR4 and DR5 are other names of DR6 and DR7.
  wire alias45 = dr[2:1] == 2'b10;
  wire [2:0] number = alias45 ? dr + 3'd2 : dr;
  wire [63:0] source = long_mode || planted == 8 ? operand : {32'd0, operand[31:0]};
  wire upper_half = write && dr[2] && source[63:32] != 0 && planted != 4;

  wire detected = dr7[GD];
  wire forbidden = cpl != 0;

  logic [7:0] checked;
  always_comb begin
    checked = RETIRED;
    if (int1) checked = DB;
    else if (alias45 && cr4_de && planted != 3) checked = UD;
    else if (detected && !(forbidden && planted == 1)) checked = DB;
    else if (forbidden) checked = GP;
    else if (upper_half) checked = GP;
  end

  logic [63:0] image;
  always_comb
    case (number)
      0: image = dr0;
      1: image = dr1;
      2: image = dr2;
      3: image = dr3;
      6: image = dr6;
      default: image = dr7;
    endcase

  // Bits that are fixed, or that this CPU has not.
  function automatic logic [63:0] legal_dr6(input logic [63:0] value);
    logic [63:0] writable = 64'h1E00F;  // B, BD, BS, BT, RTM
    if (planted == 5) writable[12] = 1;
    return (value & writable) | (64'hFFFF0FF0 & ~writable);
  endfunction
  function automatic logic [63:0] legal_dr7(input logic [63:0] value);
    return (value & 64'hFFFF2BFF) | (planted == 7 ? 64'd0 : 64'h400);
  endfunction

  // DR6 behind the delivery of a #DB: the B bits are those of its payload, that is none; RTM is no
  // RTM abort's.
  function automatic logic [63:0] merged();
    logic [63:0] value = dr6;
    if (planted != 6) value[B3:B0] = 0;
    if (!int1) value[BD] = 1;
    if (planted != 9) value[RTM] = 1;
    return value;
  endfunction

  always_ff @(posedge clk) begin
    done <= 0;
    case (phase)
      IDLE: if (start && !done) phase <= CHECK;
      CHECK: begin
        exception <= checked;
        phase  <= checked == RETIRED ? RETIRE : DELIVER;
      end
      RETIRE: begin
        result <= write ? 64'd0 : long_mode ? image : {32'd0, image[31:0]};
        if (write)
          case (number)
            0: dr0 <= source;
            1: dr1 <= source;
            2: dr2 <= source;
            3: dr3 <= source;
            6: dr6 <= legal_dr6(source);
            default: dr7 <= legal_dr7(source);
          endcase
        done  <= 1;
        phase <= IDLE;
      end
      DELIVER: begin
        result <= 0;
        if (exception == DB) begin
          dr6 <= merged();
          if (planted != 2) dr7[GD] <= 0;
        end
        done  <= 1;
        phase <= IDLE;
      end
    endcase
    if (rst) begin
      {dr0, dr1, dr2, dr3} <= 0;
      dr6 <= 64'hFFFF0FF0;
      dr7 <= 64'h400;
      phase <= IDLE;
    end
  end
endmodule

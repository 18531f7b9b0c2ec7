`include "adders.v"
// The sum of the bits of a matrix, modulo 2^W, by Dadda's reduction: L. Dadda, "Some schemes for
// parallel multipliers", Alta Frequenza, 1965. Column c has the weight 2^c and the lowest
// COUNTS[6c +: 6] of the H bits from c*H on; the others are not looked at.
//
// One instance is one level: it brings all columns down to the next height of 2, 3, 4, 6, 9, 13,
// ... with as few adders as that takes, and hands on to an instance of the lower height. The two
// rows that are left are added by `+`, which the synthesiser makes a parallel-prefix adder of
// (yosys: Brent-Kung) with the known bits folded; a chain of full adders would be as long as the
// tree is deep many times over.
module column_sum #(
  parameter W = 16,
  parameter H = 8,
  parameter [6*W-1:0] COUNTS = 0
) (
  input  [W*H-1:0] bits,
  output [W-1:0]   sum
);
  // Constants are counted in integers, of which a column's six bits are enough.
  // verilator lint_off WIDTH
  // The greatest height of Dadda's sequence below H.
  function integer next_height(input integer height);
    integer next;
    begin
      next_height = 2;
      for (next = 2; next < height; next = next * 3 / 2) next_height = next;
    end
  endfunction
  localparam D = next_height(H);

  // For each column the carries that it hands on: as many as adders, of which the last is a half
  // adder where the column is to lose an odd number of bits.
  function [6*W-1:0] carries_out(input [6*W-1:0] counts);
    integer c, excess, carries;
    begin
      carries_out = 0;
      carries = 0;
      for (c = 0; c < W; c = c + 1) begin
        excess = counts[6*c +: 6] + carries - D;
        carries = excess > 0 ? (excess + 1) / 2 : 0;
        carries_out[6*c +: 6] = carries;
      end
    end
  endfunction
  localparam [6*W-1:0] CARRIES = carries_out(COUNTS);

  function [6*W-1:0] next_counts(input [6*W-1:0] counts, input [6*W-1:0] out);
    integer c, carries, height;
    begin
      next_counts = 0;
      carries = 0;
      for (c = 0; c < W; c = c + 1) begin
        height = counts[6*c +: 6] + carries;
        next_counts[6*c +: 6] = height > D ? D : height;
        carries = out[6*c +: 6];
      end
    end
  endfunction


  genvar c, i;
  generate
    if (H <= 2) begin : last
      wire [W-1:0] first, second;
      for (c = 0; c < W; c = c + 1) begin : column
        if (COUNTS[6*c +: 6] > 0) begin : one
          assign first[c] = bits[H*c];
        end else begin : none
          assign first[c] = 1'b0;
        end
        if (COUNTS[6*c +: 6] > 1) begin : two
          assign second[c] = bits[H*c+H-1];
        end else begin : less
          assign second[c] = 1'b0;
        end
      end
      assign sum = first + second;
    end else begin : level
      localparam [6*W-1:0] NEXT = next_counts(COUNTS, CARRIES);
      wire [W*D-1:0] reduced;
      wire [W*H-1:0] carry;  // In the column that they come from.
      for (c = 0; c < W; c = c + 1) begin : column
        localparam COUNT = COUNTS[6*c +: 6];
        localparam ADDERS = CARRIES[6*c +: 6];
        localparam CARRIES_IN = c > 0 ? CARRIES[6*(c > 0 ? c - 1 : 0) +: 6] : 0;
        localparam HALF = ADDERS > 0 && (COUNT + CARRIES_IN - D) % 2 == 1 ? 1 : 0;
        localparam FULL = ADDERS - HALF;
        localparam USED = 3 * FULL + 2 * HALF;
        for (i = 0; i < FULL; i = i + 1) begin : full
          full_adder adder (
            .a(bits[H*c+3*i]), .b(bits[H*c+3*i+1]), .c(bits[H*c+3*i+2]),
            .sum(reduced[D*c+i]), .carry(carry[H*c+i]));
        end
        if (HALF == 1) begin : half
          half_adder adder (
            .a(bits[H*c+3*FULL]), .b(bits[H*c+3*FULL+1]),
            .sum(reduced[D*c+FULL]), .carry(carry[H*c+FULL]));
        end
        for (i = USED; i < COUNT; i = i + 1) begin : kept
          assign reduced[D*c+ADDERS+i-USED] = bits[H*c+i];
        end
        for (i = 0; i < CARRIES_IN; i = i + 1) begin : carried
          assign reduced[D*c+ADDERS+COUNT-USED+i] = carry[H*(c-1)+i];
        end
        for (i = NEXT[6*c +: 6]; i < D; i = i + 1) begin : empty
          assign reduced[D*c+i] = 1'b0;
        end
        for (i = ADDERS; i < H; i = i + 1) begin : no_carry
          assign carry[H*c+i] = 1'b0;
        end
      end
      column_sum #(.W(W), .H(D), .COUNTS(NEXT)) lower (.bits(reduced), .sum(sum));
    end
  endgenerate
  // verilator lint_on WIDTH
endmodule

`include "column_sum.v"
// The sum, modulo 2^W, of those bits of rows of W bits each that MASK has: bit c of row r, at
// r*W + c of both, has the weight 2^c. Bits that MASK lacks cost nothing.
module row_sum #(
  parameter W = 16,
  parameter ROWS = 8,
  parameter [W*ROWS-1:0] MASK = {W*ROWS{1'b1}}
) (
  input  [W*ROWS-1:0] rows,
  output [W-1:0]      sum
);
  // Constants are counted in integers, of which a column's six bits are enough.
  // verilator lint_off WIDTH
  function [6*W-1:0] column_counts(input [W*ROWS-1:0] mask);
    integer r, c;
    begin
      column_counts = 0;
      for (r = 0; r < ROWS; r = r + 1)
        for (c = 0; c < W; c = c + 1)
          if (mask[r*W+c]) column_counts[6*c +: 6] = column_counts[6*c +: 6] + 6'd1;
    end
  endfunction
  localparam [6*W-1:0] COUNTS = column_counts(MASK);

  // How many bits of its column are in the rows before it.
  function [6*W*ROWS-1:0] places_in_column(input [W*ROWS-1:0] mask);
    integer r, c;
    reg [6*W-1:0] counts;
    begin
      places_in_column = 0;
      counts = 0;
      for (r = 0; r < ROWS; r = r + 1)
        for (c = 0; c < W; c = c + 1)
          if (mask[r*W+c]) begin
            places_in_column[6*(r*W+c) +: 6] = counts[6*c +: 6];
            counts[6*c +: 6] = counts[6*c +: 6] + 6'd1;
          end
    end
  endfunction
  localparam [6*W*ROWS-1:0] PLACES = places_in_column(MASK);

  function integer highest_column(input [6*W-1:0] counts);
    integer c;
    begin
      highest_column = 1;
      for (c = 0; c < W; c = c + 1)
        if (counts[6*c +: 6] > highest_column) highest_column = counts[6*c +: 6];
    end
  endfunction
  localparam H = highest_column(COUNTS);

  wire [W*H-1:0] bits;
  genvar r, c;
  generate
    for (c = 0; c < W; c = c + 1) begin : column
      for (r = 0; r < ROWS; r = r + 1) begin : row
        if (MASK[r*W+c]) begin : kept
          assign bits[H*c+PLACES[6*(r*W+c) +: 6]] = rows[r*W+c];
        end
      end
      for (r = COUNTS[6*c +: 6]; r < H; r = r + 1) begin : empty
        assign bits[H*c+r] = 1'b0;
      end
    end
  endgenerate
  column_sum #(.W(W), .H(H), .COUNTS(COUNTS)) tree (.bits(bits), .sum(sum));
  // verilator lint_on WIDTH
endmodule

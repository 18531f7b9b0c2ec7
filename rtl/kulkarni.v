`include "row_sum.v"
// 2x2 blocks of three output bits, exact but for 3*3, of which they make 7, added exactly. P.
// Kulkarni, P. Gupta, M. Ercegovac, "Trading accuracy for power with an underdesigned multiplier
// architecture", VLSI Design 2011.
module kulkarni #(parameter N = 8) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  localparam D = (N+1)/2;  // Digits of two bits.
  localparam W = 4*D;
  wire [2*D-1:0] x = {{2*D-N{1'b0}}, a}, y = {{2*D-N{1'b0}}, b};

  // Blocks i and i+2 of one digit j do not overlap: for each j a row of even i and one of odd i.
  function [2*D*W-1:0] used(input integer digits);
    integer i, j;
    begin
      used = 0;
      for (j = 0; j < digits; j = j + 1)
        for (i = 0; i < digits; i = i + 1) used[(2*j+i%2)*W+2*(i+j) +: 3] = 3'b111;
    end
  endfunction
  localparam [2*D*W-1:0] USED = used(D);

  wire [2*D*W-1:0] rows;
  genvar i, j;
  generate
    for (j = 0; j < D; j = j + 1) begin : digit
      for (i = 0; i < D; i = i + 1) begin : block
        assign rows[(2*j+i%2)*W+2*(i+j) +: 3] = {
          x[2*i+1] & y[2*j+1], x[2*i+1] & y[2*j] | x[2*i] & y[2*j+1], x[2*i] & y[2*j]};
      end
    end
    for (i = 0; i < 2*D*W; i = i + 1) begin : rest
      if (!USED[i]) begin : empty
        assign rows[i] = 1'b0;
      end
    end
  endgenerate
  wire [W-1:0] sum;
  row_sum #(.W(W), .ROWS(2*D), .MASK(USED)) tree (.rows(rows), .sum(sum));
  assign p = sum[2*N-1:0];
endmodule

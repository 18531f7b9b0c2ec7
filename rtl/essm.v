`include "dadda.v"
// As ssm.v, with a middle segment, (N-M)/2 bits up, between the high and the low one (the enhanced
// SSM of the same paper).
module essm #(
  parameter N = 8,
  parameter M = 4
) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  localparam STEP = (N-M)/2;
  wire high_a = |a[N-1:M+STEP], high_b = |b[N-1:M+STEP];
  wire middle_a = |a[M+STEP-1:M] & ~high_a, middle_b = |b[M+STEP-1:M] & ~high_b;
  wire [2*M-1:0] product;
  dadda #(.N(M)) segments (
    .a(high_a ? a[N-1:N-M] : middle_a ? a[M+STEP-1:STEP] : a[M-1:0]),
    .b(high_b ? b[N-1:N-M] : middle_b ? b[M+STEP-1:STEP] : b[M-1:0]), .p(product));
  // Steps up: 2 for a high segment and 1 for a middle one, 0 to 4 together.
  wire [2:0] steps = {1'b0, high_a, middle_a} + {1'b0, high_b, middle_b};
  wire [2*N-1:0] placed = {{2*(N-M){1'b0}}, product};
  wire [2*N-1:0] by_1 = steps[0] ? placed << STEP : placed;
  wire [2*N-1:0] by_2 = steps[1] ? by_1 << 2*STEP : by_1;
  assign p = steps[2] ? by_2 << 4*STEP : by_2;
endmodule

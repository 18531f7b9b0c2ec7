// A right shift by 0 to 2^L - 1 that fills with `fill`; `sticky` says whether a one was shifted out.
module shift_right_sticky #(parameter W = 8, parameter L = 3) (
  input  [W-1:0]     value,
  input  [L-1:0]     amount,
  input              fill,
  output reg [W-1:0] shifted,
  output reg         sticky
);
  integer stage, i;
  reg [W-1:0] moved;
  reg         lost;
  always @* begin
    shifted = value;
    sticky = 1'b0;
    for (stage = 0; stage < L; stage = stage + 1) begin
      lost = 1'b0;
      for (i = 0; i < W; i = i + 1) begin
        if (i < (1 << stage)) lost = lost | shifted[i];
        moved[i] = i + (1 << stage) < W ? shifted[i + (1 << stage) < W ? i + (1 << stage) : 0] : fill;
      end
      if (amount[stage]) begin
        shifted = moved;
        sticky = sticky | lost;
      end
    end
  end
endmodule

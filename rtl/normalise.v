// The operand shifted up until its leading one is the top bit, and by how many places: a binary
// search, of a logarithmic number of levels. An operand of zero stays zero (top bit 0). Of an operand
// whose top bit is the constant 1, nothing remains.
module normalise #(parameter N = 8) (
  input  [N-1:0] operand,
  output [N-1:0] normalised,
  output [4:0]   shift
);
  // verilator lint_off UNOPTFLAT
  // One vector of six words, each of which depends on the one above it only: no loop.
  wire [6*N-1:0] level;  // Level s is what is left after the shifts by 2^s and more.
  // verilator lint_on UNOPTFLAT
  assign level[5*N +: N] = operand;
  genvar s;
  generate
    for (s = 0; s < 5; s = s + 1) begin : step
      wire [N-1:0] above = level[(s+1)*N +: N];
      if ((1 << s) < N) begin : search
        assign shift[s] = ~|above[N-1:N-(1<<s)];
        assign level[s*N +: N] = shift[s] ? above << (1 << s) : above;
      end else begin : pass
        assign shift[s] = 1'b0;
        assign level[s*N +: N] = above;
      end
    end
  endgenerate
  assign normalised = level[0 +: N];
endmodule

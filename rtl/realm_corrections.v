// REALM's corrections (realm.v), in units of 1/64, of segment i of one fraction and j of the other:
// the steps that cancel the segment's mean relative error, rounded to nearest (the formula is in
// multipliers/logarithmic_realm.cc; hardware/multiplier_module_test.cc compares each with the
// model's). i and j are the fractions' first four bits, of which M segments have the first log2(M).
// A row has a hexadecimal digit for each j, from M-1 down to 0: no index is outside it.
module realm_corrections #(parameter M = 8) (
  // verilator lint_off UNUSEDSIGNAL
  input  [3:0] i,
  input  [3:0] j,
  // verilator lint_on UNUSEDSIGNAL
  output [3:0] correction
);
  generate
    if (M == 4) begin : of_4
      reg [15:0] row;
      always @* begin
        case (i[3:2])
          2'd0: row = 16'h4531;
          2'd1: row = 16'h5c93;
          2'd2: row = 16'h39c5;
          default: row = 16'h1354;
        endcase
      end
      assign correction = row[{j[3:2], 2'b00} +: 4];
    end else if (M == 8) begin : of_8
      reg [31:0] row;
      always @* begin
        case (i[3:1])
          3'd0: row = 32'h23322110;
          3'd1: row = 32'h38875421;
          3'd2: row = 32'h38cb9641;
          3'd3: row = 32'h27bec952;
          3'd4: row = 32'h259ceb72;
          3'd5: row = 32'h1469bc83;
          3'd6: row = 32'h12457883;
          default: row = 32'h01122332;
        endcase
      end
      assign correction = row[{j[3:1], 2'b00} +: 4];
    end else begin : of_16
      reg [63:0] row;
      always @* begin
        case (i)
          4'd0: row = 64'h1222111111110000;
          4'd1: row = 64'h2555444332221110;
          4'd2: row = 64'h2588776554332210;
          4'd3: row = 64'h258aa98776543210;
          4'd4: row = 64'h147accba87654321;
          4'd5: row = 64'h1479cedca9865321;
          4'd6: row = 64'h1468bdfecb976421;
          4'd7: row = 64'h1357acefeca87531;
          4'd8: row = 64'h13578acefeca7531;
          4'd9: row = 64'h124679bcefdb8641;
          4'd10: row = 64'h1235689acdec9741;
          4'd11: row = 64'h12345678abcca741;
          4'd12: row = 64'h01234567789aa852;
          4'd13: row = 64'h0122334556778852;
          4'd14: row = 64'h0111222334445552;
          default: row = 64'h0000111111112221;
        endcase
      end
      assign correction = row[{j, 2'b00} +: 4];
    end
  endgenerate
endmodule

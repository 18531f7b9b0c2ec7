// A 4 x 4 multiplier that ORs the partial products of its three lowest columns instead of adding
// them; the other columns are exact. The circuit of mul4u_or.c, as a netlist of cells.
`include "cells.vh"

module mul4u_or(A, B, O);
  input [3:0] A;
  input [3:0] B;
  output [7:0] O;
  wire [47:0] N;

  AND2 n0(.A(A[0]), .B(B[0]), .Y(N[0]));
  AND2 n1(.A(A[0]), .B(B[1]), .Y(N[1]));
  AND2 n2(.A(A[0]), .B(B[2]), .Y(N[2]));
  AND2 n3(.A(A[0]), .B(B[3]), .Y(N[3]));
  AND2 n4(.A(A[1]), .B(B[0]), .Y(N[4]));
  AND2 n5(.A(A[1]), .B(B[1]), .Y(N[5]));
  AND2 n6(.A(A[1]), .B(B[2]), .Y(N[6]));
  AND2 n7(.A(A[1]), .B(B[3]), .Y(N[7]));
  AND2 n8(.A(A[2]), .B(B[0]), .Y(N[8]));
  AND2 n9(.A(A[2]), .B(B[1]), .Y(N[9]));
  AND2 n10(.A(A[2]), .B(B[2]), .Y(N[10]));
  AND2 n11(.A(A[2]), .B(B[3]), .Y(N[11]));
  AND2 n12(.A(A[3]), .B(B[0]), .Y(N[12]));
  AND2 n13(.A(A[3]), .B(B[1]), .Y(N[13]));
  AND2 n14(.A(A[3]), .B(B[2]), .Y(N[14]));
  AND2 n15(.A(A[3]), .B(B[3]), .Y(N[15]));
  OR2 n16(.A(N[1]), .B(N[4]), .Y(N[16]));
  OR2 n17(.A(N[2]), .B(N[5]), .Y(N[17]));
  OR2 n18(.A(N[17]), .B(N[8]), .Y(N[18]));
  XOR2 n19(.A(N[3]), .B(N[6]), .Y(N[19]));
  AND2 n20(.A(N[3]), .B(N[6]), .Y(N[20]));
  XOR2 n21(.A(N[19]), .B(N[9]), .Y(N[21]));
  AND2 n22(.A(N[19]), .B(N[9]), .Y(N[22]));
  OR2 n23(.A(N[20]), .B(N[22]), .Y(N[23]));
  XOR2 n24(.A(N[21]), .B(N[12]), .Y(N[24]));
  AND2 n25(.A(N[21]), .B(N[12]), .Y(N[25]));
  XOR2 n26(.A(N[7]), .B(N[10]), .Y(N[26]));
  AND2 n27(.A(N[7]), .B(N[10]), .Y(N[27]));
  XOR2 n28(.A(N[26]), .B(N[13]), .Y(N[28]));
  AND2 n29(.A(N[26]), .B(N[13]), .Y(N[29]));
  OR2 n30(.A(N[27]), .B(N[29]), .Y(N[30]));
  XOR2 n31(.A(N[28]), .B(N[23]), .Y(N[31]));
  AND2 n32(.A(N[28]), .B(N[23]), .Y(N[32]));
  XOR2 n33(.A(N[31]), .B(N[25]), .Y(N[33]));
  AND2 n34(.A(N[31]), .B(N[25]), .Y(N[34]));
  OR2 n35(.A(N[32]), .B(N[34]), .Y(N[35]));
  XOR2 n36(.A(N[11]), .B(N[14]), .Y(N[36]));
  AND2 n37(.A(N[11]), .B(N[14]), .Y(N[37]));
  XOR2 n38(.A(N[36]), .B(N[30]), .Y(N[38]));
  AND2 n39(.A(N[36]), .B(N[30]), .Y(N[39]));
  OR2 n40(.A(N[37]), .B(N[39]), .Y(N[40]));
  XOR2 n41(.A(N[38]), .B(N[35]), .Y(N[41]));
  AND2 n42(.A(N[38]), .B(N[35]), .Y(N[42]));
  XOR2 n43(.A(N[15]), .B(N[40]), .Y(N[43]));
  AND2 n44(.A(N[15]), .B(N[40]), .Y(N[44]));
  XOR2 n45(.A(N[43]), .B(N[42]), .Y(N[45]));
  AND2 n46(.A(N[43]), .B(N[42]), .Y(N[46]));
  OR2 n47(.A(N[44]), .B(N[46]), .Y(N[47]));

  assign O[0] = N[0];
  assign O[1] = N[16];
  assign O[2] = N[18];
  assign O[3] = N[24];
  assign O[4] = N[33];
  assign O[5] = N[41];
  assign O[6] = N[45];
  assign O[7] = N[47];
endmodule

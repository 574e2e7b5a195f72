// The loops of vector.go with AVX2. Products and sums stay apart (no fused
// multiply-add), and each output keeps the order that vector.go gives it: the
// results are equal bit for bit.

#include "textflag.h"

// Eight words of ones, then eight of zeros: 32 bytes from word 8-n on select the
// first n lanes.
DATA laneMask<>+0(SB)/8, $-1
DATA laneMask<>+8(SB)/8, $-1
DATA laneMask<>+16(SB)/8, $-1
DATA laneMask<>+24(SB)/8, $-1
DATA laneMask<>+32(SB)/8, $0
DATA laneMask<>+40(SB)/8, $0
DATA laneMask<>+48(SB)/8, $0
DATA laneMask<>+56(SB)/8, $0
GLOBL laneMask<>(SB), RODATA|NOPTR, $64

// The constants of expNegative, in its order.
DATA exponential<>+0(SB)/4, $0xc2aea8f6  // -expLimit
DATA exponential<>+4(SB)/4, $0x4b400000  // expRound
DATA exponential<>+8(SB)/4, $0x3fb8aa3b  // expLog2e
DATA exponential<>+12(SB)/4, $0x3f318000 // expLn2
DATA exponential<>+16(SB)/4, $0xb95e8083 // expLn2Low
DATA exponential<>+20(SB)/4, $0x39506967 // expP0
DATA exponential<>+24(SB)/4, $0x3ab743ce // expP1
DATA exponential<>+28(SB)/4, $0x3c088908 // expP2
DATA exponential<>+32(SB)/4, $0x3d2aa9c1 // expP3
DATA exponential<>+36(SB)/4, $0x3e2aaaaa // expP4
DATA exponential<>+40(SB)/4, $0x3f000000 // expP5
DATA exponential<>+44(SB)/4, $0x3f800000 // 1
DATA exponential<>+48(SB)/4, $0x80000000 // the bit of the sign
GLOBL exponential<>(SB), RODATA|NOPTR, $52

// func dotsAVX2(out *float32, stride, rows int, x *float32, k int, w *float32)
//
// Four rows at a time share the loads of w and the additions across lanes.
TEXT ·dotsAVX2(SB), NOSPLIT, $0-48
	MOVQ out+0(FP), DI
	MOVQ stride+8(FP), R8
	MOVQ rows+16(FP), CX
	MOVQ x+24(FP), SI
	MOVQ k+32(FP), R9
	MOVQ w+40(FP), DX
	SHLQ $2, R8           // bytes between outputs
	MOVQ R9, R10
	ANDQ $7, R10          // lanes of the last, partial block
	MOVQ R9, R11
	SHRQ $3, R11          // whole blocks
	SHLQ $2, R9           // bytes of a row
	LEAQ (R9)(R9*2), R12
	LEAQ (R8)(R8*2), R15
	LEAQ laneMask<>(SB), AX
	MOVQ $8, BX
	SUBQ R10, BX
	VMOVDQU (AX)(BX*4), Y15

four:
	CMPQ CX, $4
	JLT  one
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	MOVQ SI, AX
	MOVQ DX, BX
	MOVQ R11, R13
	TESTQ R13, R13
	JZ   fourRest

fourBlock:
	VMOVUPS (BX), Y4
	VMULPS (AX), Y4, Y5
	VMULPS (AX)(R9*1), Y4, Y6
	VMULPS (AX)(R9*2), Y4, Y7
	VMULPS (AX)(R12*1), Y4, Y8
	VADDPS Y5, Y0, Y0
	VADDPS Y6, Y1, Y1
	VADDPS Y7, Y2, Y2
	VADDPS Y8, Y3, Y3
	ADDQ $32, AX
	ADDQ $32, BX
	DECQ R13
	JNZ  fourBlock

fourRest:
	TESTQ R10, R10
	JZ   fourSum
	VMASKMOVPS (BX), Y15, Y4
	VMASKMOVPS (AX), Y15, Y5
	VMASKMOVPS (AX)(R9*1), Y15, Y6
	VMASKMOVPS (AX)(R9*2), Y15, Y7
	VMASKMOVPS (AX)(R12*1), Y15, Y8
	VMULPS Y5, Y4, Y5
	VMULPS Y6, Y4, Y6
	VMULPS Y7, Y4, Y7
	VMULPS Y8, Y4, Y8
	VADDPS Y5, Y0, Y0
	VADDPS Y6, Y1, Y1
	VADDPS Y7, Y2, Y2
	VADDPS Y8, Y3, Y3

fourSum:
	VHADDPS Y1, Y0, Y0
	VHADDPS Y3, Y2, Y2
	VHADDPS Y2, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VADDPS X1, X0, X0
	VMOVSS X0, (DI)
	VEXTRACTPS $1, X0, (DI)(R8*1)
	VEXTRACTPS $2, X0, (DI)(R8*2)
	VEXTRACTPS $3, X0, (DI)(R15*1)
	LEAQ (SI)(R9*4), SI
	LEAQ (DI)(R8*4), DI
	SUBQ $4, CX
	JMP  four

one:
	TESTQ CX, CX
	JZ   done
	VXORPS Y0, Y0, Y0
	MOVQ SI, AX
	MOVQ DX, BX
	MOVQ R11, R13
	TESTQ R13, R13
	JZ   oneRest

oneBlock:
	VMOVUPS (BX), Y4
	VMULPS (AX), Y4, Y5
	VADDPS Y5, Y0, Y0
	ADDQ $32, AX
	ADDQ $32, BX
	DECQ R13
	JNZ  oneBlock

oneRest:
	TESTQ R10, R10
	JZ   oneSum
	VMASKMOVPS (BX), Y15, Y4
	VMASKMOVPS (AX), Y15, Y5
	VMULPS Y5, Y4, Y5
	VADDPS Y5, Y0, Y0

oneSum:
	VHADDPS Y0, Y0, Y0
	VHADDPS Y0, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VADDPS X1, X0, X0
	VMOVSS X0, (DI)
	ADDQ R9, SI
	ADDQ R8, DI
	DECQ CX
	JMP  one

done:
	VZEROUPPER
	RET

// func fourBy16(k, n int, a, b, c *float32)
//
// Eight sums stay in registers; each row of b is loaded once for four rows of a.
TEXT ·fourBy16(SB), NOSPLIT, $0-40
	MOVQ k+0(FP), CX
	MOVQ n+8(FP), R8
	MOVQ a+16(FP), SI
	MOVQ b+24(FP), BX
	MOVQ c+32(FP), DI
	SHLQ $2, R8
	LEAQ (CX*4), R9
	LEAQ (R9)(R9*2), R12
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7

fourBy16Step:
	VMOVUPS (BX), Y8
	VMOVUPS 32(BX), Y9
	VBROADCASTSS (SI), Y10
	VBROADCASTSS (SI)(R9*1), Y11
	VBROADCASTSS (SI)(R9*2), Y12
	VBROADCASTSS (SI)(R12*1), Y13
	VMULPS Y8, Y10, Y14
	VADDPS Y14, Y0, Y0
	VMULPS Y9, Y10, Y10
	VADDPS Y10, Y1, Y1
	VMULPS Y8, Y11, Y14
	VADDPS Y14, Y2, Y2
	VMULPS Y9, Y11, Y11
	VADDPS Y11, Y3, Y3
	VMULPS Y8, Y12, Y14
	VADDPS Y14, Y4, Y4
	VMULPS Y9, Y12, Y12
	VADDPS Y12, Y5, Y5
	VMULPS Y8, Y13, Y14
	VADDPS Y14, Y6, Y6
	VMULPS Y9, Y13, Y13
	VADDPS Y13, Y7, Y7
	ADDQ $4, SI
	ADDQ R8, BX
	DECQ CX
	JNZ  fourBy16Step

	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	ADDQ R8, DI
	VMOVUPS Y2, (DI)
	VMOVUPS Y3, 32(DI)
	ADDQ R8, DI
	VMOVUPS Y4, (DI)
	VMOVUPS Y5, 32(DI)
	ADDQ R8, DI
	VMOVUPS Y6, (DI)
	VMOVUPS Y7, 32(DI)
	VZEROUPPER
	RET

// func oneBy32(k, n int, a, b, c *float32)
TEXT ·oneBy32(SB), NOSPLIT, $0-40
	MOVQ k+0(FP), CX
	MOVQ n+8(FP), R8
	MOVQ a+16(FP), SI
	MOVQ b+24(FP), BX
	MOVQ c+32(FP), DI
	SHLQ $2, R8
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3

oneBy32Step:
	VBROADCASTSS (SI), Y4
	VMULPS (BX), Y4, Y5
	VMULPS 32(BX), Y4, Y6
	VMULPS 64(BX), Y4, Y7
	VMULPS 96(BX), Y4, Y8
	VADDPS Y5, Y0, Y0
	VADDPS Y6, Y1, Y1
	VADDPS Y7, Y2, Y2
	VADDPS Y8, Y3, Y3
	ADDQ $4, SI
	ADDQ R8, BX
	DECQ CX
	JNZ  oneBy32Step

	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y2, 64(DI)
	VMOVUPS Y3, 96(DI)
	VZEROUPPER
	RET

// func oneBy8(k, n int, a, b, c *float32, width int)
//
// Lanes from width on are neither read nor written.
TEXT ·oneBy8(SB), NOSPLIT, $0-48
	MOVQ k+0(FP), CX
	MOVQ n+8(FP), R8
	MOVQ a+16(FP), SI
	MOVQ b+24(FP), BX
	MOVQ c+32(FP), DI
	MOVQ width+40(FP), R10
	SHLQ $2, R8
	LEAQ laneMask<>(SB), AX
	MOVQ $8, R9
	SUBQ R10, R9
	VMOVDQU (AX)(R9*4), Y15
	VXORPS Y0, Y0, Y0

oneBy8Step:
	VBROADCASTSS (SI), Y4
	VMASKMOVPS (BX), Y15, Y5
	VMULPS Y5, Y4, Y5
	VADDPS Y5, Y0, Y0
	ADDQ $4, SI
	ADDQ R8, BX
	DECQ CX
	JNZ  oneBy8Step

	VMASKMOVPS Y0, Y15, (DI)
	VZEROUPPER
	RET

// func andRowsAVX2(out, table *uint64, places *int32, n, words int)
//
// Sixteen words at a time while there are as many, then four.
TEXT ·andRowsAVX2(SB), NOSPLIT, $0-40
	MOVQ out+0(FP), DI
	MOVQ table+8(FP), SI
	MOVQ places+16(FP), DX
	MOVQ n+24(FP), CX
	MOVQ words+32(FP), R8
	VPCMPEQD Y15, Y15, Y15

sixteen:
	CMPQ R8, $16
	JLT  four
	VMOVDQU Y15, Y0
	VMOVDQU Y15, Y1
	VMOVDQU Y15, Y2
	VMOVDQU Y15, Y3
	XORQ R9, R9

sixteenRows:
	MOVLQSX (DX)(R9*4), AX
	LEAQ (SI)(AX*8), AX
	VPAND (AX), Y0, Y0
	VPAND 32(AX), Y1, Y1
	VPAND 64(AX), Y2, Y2
	VPAND 96(AX), Y3, Y3
	INCQ R9
	CMPQ R9, CX
	JNE  sixteenRows
	VMOVDQU Y0, (DI)
	VMOVDQU Y1, 32(DI)
	VMOVDQU Y2, 64(DI)
	VMOVDQU Y3, 96(DI)
	ADDQ $128, SI
	ADDQ $128, DI
	SUBQ $16, R8
	JMP  sixteen

four:
	CMPQ R8, $4
	JLT  done
	VMOVDQU Y15, Y0
	XORQ R9, R9

fourRows:
	MOVLQSX (DX)(R9*4), AX
	VPAND (SI)(AX*8), Y0, Y0
	INCQ R9
	CMPQ R9, CX
	JNE  fourRows
	VMOVDQU Y0, (DI)
	ADDQ $32, SI
	ADDQ $32, DI
	SUBQ $4, R8
	JMP  four

done:
	VZEROUPPER
	RET

// func logisticPairsAVX2(scores *float32, rows int)
//
// From the last eight rows to the first: a block of pairs lies at or after the
// scores that are still to be read.
TEXT ·logisticPairsAVX2(SB), NOSPLIT, $0-16
	MOVQ scores+0(FP), SI
	MOVQ rows+8(FP), CX
	LEAQ exponential<>(SB), AX
	VBROADCASTSS 4(AX), Y15
	VBROADCASTSS 8(AX), Y14
	VBROADCASTSS 12(AX), Y13
	VBROADCASTSS 16(AX), Y12
	VBROADCASTSS 44(AX), Y11
	VBROADCASTSS 48(AX), Y10
	VBROADCASTSS 0(AX), Y9

pairs:
	SUBQ $8, CX
	VMOVUPS (SI)(CX*4), Y0 // v
	VORPS Y10, Y0, Y1      // y = -|v|
	VMULPS Y14, Y1, Y2
	VADDPS Y15, Y2, Y2     // t
	VSUBPS Y15, Y2, Y3     // n
	VMULPS Y13, Y3, Y4
	VSUBPS Y4, Y1, Y5      // r
	VMULPS Y12, Y3, Y4
	VSUBPS Y4, Y5, Y5
	VBROADCASTSS 20(AX), Y6
	VMULPS Y5, Y6, Y6
	VBROADCASTSS 24(AX), Y7
	VADDPS Y7, Y6, Y6
	VMULPS Y5, Y6, Y6
	VBROADCASTSS 28(AX), Y7
	VADDPS Y7, Y6, Y6
	VMULPS Y5, Y6, Y6
	VBROADCASTSS 32(AX), Y7
	VADDPS Y7, Y6, Y6
	VMULPS Y5, Y6, Y6
	VBROADCASTSS 36(AX), Y7
	VADDPS Y7, Y6, Y6
	VMULPS Y5, Y6, Y6
	VBROADCASTSS 40(AX), Y7
	VADDPS Y7, Y6, Y6
	VMULPS Y5, Y5, Y7
	VMULPS Y7, Y6, Y6
	VADDPS Y5, Y6, Y6
	VADDPS Y11, Y6, Y6
	VPSLLD $23, Y2, Y2
	VPADDD Y11, Y2, Y2
	VMULPS Y2, Y6, Y6      // e
	VCMPPS $1, Y9, Y1, Y2  // y < -expLimit
	VANDNPS Y6, Y2, Y6     // 0 there
	VADDPS Y11, Y6, Y7     // 1 + e
	VDIVPS Y7, Y11, Y8     // the greater of both
	VDIVPS Y7, Y6, Y7      // the lesser
	VBLENDVPS Y0, Y8, Y7, Y1 // of the opposite: the greater where v is negative
	VBLENDVPS Y0, Y7, Y8, Y2 // of v itself
	VUNPCKLPS Y2, Y1, Y3
	VUNPCKHPS Y2, Y1, Y4
	VPERM2F128 $0x20, Y4, Y3, Y5
	VPERM2F128 $0x31, Y4, Y3, Y6
	VMOVUPS Y5, (SI)(CX*8)
	VMOVUPS Y6, 32(SI)(CX*8)
	TESTQ CX, CX
	JNZ  pairs
	VZEROUPPER
	RET

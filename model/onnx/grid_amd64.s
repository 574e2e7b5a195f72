// Groups of eight rows through the tables of a grid, see grid_amd64.go. Each row
// is a lane: its sums are added up as the loop over single rows does, with the
// same bits.

#include "textflag.h"

// func countAVX2(bins *int32, x *float32, stride, groups int, cuts *float32, n int)
TEXT ·countAVX2(SB), NOSPLIT, $0-48
	MOVQ bins+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ stride+16(FP), R8
	MOVQ groups+24(FP), CX
	MOVQ cuts+32(FP), DX
	MOVQ n+40(FP), R9
	SHLQ $2, R8
	LEAQ (R8)(R8*2), R10
	LEAQ (DX)(R9*4), R9 // end of the cuts

countGroup:
	LEAQ (SI)(R8*4), BX
	VMOVSS (SI), X0
	VINSERTPS $0x10, (SI)(R8*1), X0, X0
	VINSERTPS $0x20, (SI)(R8*2), X0, X0
	VINSERTPS $0x30, (SI)(R10*1), X0, X0
	VMOVSS (BX), X1
	VINSERTPS $0x10, (BX)(R8*1), X1, X1
	VINSERTPS $0x20, (BX)(R8*2), X1, X1
	VINSERTPS $0x30, (BX)(R10*1), X1, X1
	VINSERTF128 $1, X1, Y0, Y0
	LEAQ (BX)(R8*4), SI
	VPXOR Y2, Y2, Y2
	MOVQ DX, AX

countCut:
	VBROADCASTSS (AX), Y1
	VCMPPS $0x16, Y1, Y0, Y1 // not at most the cut, which holds for NaN: all ones
	VPSUBD Y1, Y2, Y2
	ADDQ $4, AX
	CMPQ AX, R9
	JNE  countCut
	VMOVDQU Y2, (DI)
	ADDQ $32, DI
	DECQ CX
	JNZ  countGroup
	VZEROUPPER
	RET

// func addNearAVX2(sums *float32, a, b *int32, stride, groups int, cells *float32)
//
// The table is in two registers; the low three bits of a place choose from each,
// the fourth between them.
TEXT ·addNearAVX2(SB), NOSPLIT, $0-48
	MOVQ sums+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), BX
	MOVQ stride+24(FP), AX
	MOVQ groups+32(FP), CX
	MOVQ cells+40(FP), DX
	VMOVD AX, X7
	VPBROADCASTD X7, Y7
	VMOVUPS (DX), Y5
	VMOVUPS 32(DX), Y6
	XORQ R8, R8

nearGroup:
	VPMULLD (BX)(R8*1), Y7, Y0
	VPADDD (SI)(R8*1), Y0, Y0
	VPERMPS Y5, Y0, Y1
	VPERMPS Y6, Y0, Y2
	VPSLLD $28, Y0, Y0
	VBLENDVPS Y0, Y2, Y1, Y1
	VMOVUPS (DI)(R8*1), Y3
	VADDPS Y1, Y3, Y3
	VMOVUPS Y3, (DI)(R8*1)
	ADDQ $32, R8
	DECQ CX
	JNZ  nearGroup
	VZEROUPPER
	RET

// func addFarAVX2(sums *float32, a, b *int32, stride, groups int, cells *float32)
TEXT ·addFarAVX2(SB), NOSPLIT, $0-48
	MOVQ sums+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), BX
	MOVQ stride+24(FP), AX
	MOVQ groups+32(FP), CX
	MOVQ cells+40(FP), DX
	VMOVD AX, X7
	VPBROADCASTD X7, Y7
	XORQ R8, R8

farGroup:
	VPMULLD (BX)(R8*1), Y7, Y0
	VPADDD (SI)(R8*1), Y0, Y0
	VPCMPEQD Y2, Y2, Y2
	VPXOR Y1, Y1, Y1
	VGATHERDPS Y2, (DX)(Y0*4), Y1
	VMOVUPS (DI)(R8*1), Y3
	VADDPS Y1, Y3, Y3
	VMOVUPS Y3, (DI)(R8*1)
	ADDQ $32, R8
	DECQ CX
	JNZ  farGroup
	VZEROUPPER
	RET

// func turnAVX2(out *float32, stride int, columns *float32, groups int)
TEXT ·turnAVX2(SB), NOSPLIT, $0-32
	MOVQ out+0(FP), DI
	MOVQ stride+8(FP), R8
	MOVQ columns+16(FP), SI
	MOVQ groups+24(FP), CX
	SHLQ $2, R8
	LEAQ (R8)(R8*2), R10
	MOVQ CX, R9
	SHLQ $5, R9            // bytes of a column
	LEAQ (R9)(R9*2), R11

turnGroup:
	LEAQ (SI)(R9*4), BX
	VMOVUPS (SI), Y0
	VMOVUPS (SI)(R9*1), Y1
	VMOVUPS (SI)(R9*2), Y2
	VMOVUPS (SI)(R11*1), Y3
	VMOVUPS (BX), Y4
	VMOVUPS (BX)(R9*1), Y5
	VMOVUPS (BX)(R9*2), Y6
	VMOVUPS (BX)(R11*1), Y7
	VUNPCKLPS Y1, Y0, Y8
	VUNPCKHPS Y1, Y0, Y9
	VUNPCKLPS Y3, Y2, Y10
	VUNPCKHPS Y3, Y2, Y11
	VUNPCKLPS Y5, Y4, Y12
	VUNPCKHPS Y5, Y4, Y13
	VUNPCKLPS Y7, Y6, Y14
	VUNPCKHPS Y7, Y6, Y15
	VUNPCKLPD Y10, Y8, Y0  // columns 0 to 3 of rows 0 and 4
	VUNPCKHPD Y10, Y8, Y1  // of 1 and 5
	VUNPCKLPD Y11, Y9, Y2  // of 2 and 6
	VUNPCKHPD Y11, Y9, Y3  // of 3 and 7
	VUNPCKLPD Y14, Y12, Y4 // columns 4 to 7
	VUNPCKHPD Y14, Y12, Y5
	VUNPCKLPD Y15, Y13, Y6
	VUNPCKHPD Y15, Y13, Y7
	VPERM2F128 $0x20, Y4, Y0, Y8
	VPERM2F128 $0x20, Y5, Y1, Y9
	VPERM2F128 $0x20, Y6, Y2, Y10
	VPERM2F128 $0x20, Y7, Y3, Y11
	VPERM2F128 $0x31, Y4, Y0, Y12
	VPERM2F128 $0x31, Y5, Y1, Y13
	VPERM2F128 $0x31, Y6, Y2, Y14
	VPERM2F128 $0x31, Y7, Y3, Y15
	LEAQ (DI)(R8*4), BX
	VMOVUPS Y8, (DI)
	VMOVUPS Y9, (DI)(R8*1)
	VMOVUPS Y10, (DI)(R8*2)
	VMOVUPS Y11, (DI)(R10*1)
	VMOVUPS Y12, (BX)
	VMOVUPS Y13, (BX)(R8*1)
	VMOVUPS Y14, (BX)(R8*2)
	VMOVUPS Y15, (BX)(R10*1)
	LEAQ (BX)(R8*4), DI
	ADDQ $32, SI
	DECQ CX
	JNZ  turnGroup
	VZEROUPPER
	RET

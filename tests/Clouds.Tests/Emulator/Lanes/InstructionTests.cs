using Clouds.Emulator;

namespace Clouds.Tests.Emulator.Lanes;

[Kind(TestKind.Emulated)]
public class InstructionTests
{
    [Theory]
    [InlineData("add.s32 %r5, 2147483647, 1;", 0x80000000u)]
    [InlineData("sub.s32 %r5, 3, 5;", 0xFFFFFFFEu)]
    [InlineData("mul.lo.s32 %r5, 65536, 65537;", 65536u)]
    [InlineData("mul.hi.u32 %r5, -1, -1;", 0xFFFFFFFEu)]
    [InlineData("mul.hi.s32 %r5, -1, -1;", 0u)]
    [InlineData("mad.lo.s32 %r5, 7, -3, 1;", 0xFFFFFFECu)]
    [InlineData("div.s32 %r5, -7, 2;", 0xFFFFFFFDu)]
    [InlineData("rem.s32 %r5, -7, 2;", 0xFFFFFFFFu)]
    [InlineData("div.u32 %r5, -7, 2;", 0x7FFFFFFCu)]
    [InlineData("min.s32 %r5, -1, 1;", 0xFFFFFFFFu)]
    [InlineData("min.u32 %r5, -1, 1;", 1u)]
    [InlineData("abs.s32 %r5, -9;", 9u)]
    [InlineData("shl.b32 %r5, 1, 32;", 0u)]
    [InlineData("shr.s32 %r5, -8, 40;", 0xFFFFFFFFu)]
    [InlineData("shr.u32 %r5, -8, 1;", 0x7FFFFFFCu)]
    [InlineData("shf.l.wrap.b32 %r5, 0x80000001, 0x12345678, 4;", 0x23456788u)]
    [InlineData("shf.r.wrap.b32 %r5, 0x12345678, 0x80000001, 36;", 0x11234567u)]
    [InlineData("prmt.b32 %r5, 0x03020180, 0x07060504, 0x7428;", 0x070402FFu)]
    [InlineData("bfi.b32 %r5, 0xFF, 0, 8, 4;", 0xF00u)]
    [InlineData("bfe.u32 %r5, 0xABCD, 4, 8;", 0xBCu)]
    [InlineData("bfe.s32 %r5, 0xABCD, 4, 8;", 0xFFFFFFBCu)]
    [InlineData("bfind.u32 %r5, 0x800;", 11u)]
    [InlineData("bfind.shiftamt.u32 %r5, 0x800;", 20u)]
    [InlineData("bfind.u32 %r5, 0;", 0xFFFFFFFFu)]
    [InlineData("brev.b32 %r5, 1;", 0x80000000u)]
    [InlineData("popc.b32 %r5, 0xF0F0;", 8u)]
    [InlineData("clz.b32 %r5, 1;", 31u)]
    [InlineData("fns.b32 %r5, 0xB1, 0, 3;", 5u)]
    [InlineData("not.b32 %r5, 0;", 0xFFFFFFFFu)]
    [InlineData("dp4a.s32.s32 %r5, 0x01FF0203, 0x01020304, 10;", 27u)]
    [InlineData("setp.gt.u32 %p1, -1, 1; selp.u32 %r5, 5, 6, %p1;", 5u)]
    [InlineData("setp.gt.s32 %p1, -1, 1; selp.u32 %r5, 5, 6, %p1;", 6u)]
    [InlineData("setp.lt.f32 %p1, 0f7FC00000, 0f3F800000; selp.u32 %r5, 5, 6, %p1;", 6u)]
    [InlineData("setp.geu.f32 %p1, 0f7FC00000, 0f3F800000; selp.u32 %r5, 5, 6, %p1;", 5u)]
    [InlineData(
        "setp.eq.s32 %p1|%p2, 1, 2; and.pred %p3, %p1, %p2; or.pred %p4, %p1, %p2; not.pred %p5, %p3; xor.pred %p6, %p4, %p5; selp.b32 %r5, 1, 2, %p6;", 2u)]
    public void IntegerOf32Bits_FollowsTheManual(string code, uint expected)
        => Assert.Equal(expected, (uint)PtxRun.One(code + " st.global.u32 [%rd1], %r5;"));

    [Theory]
    [InlineData("mul.wide.s32 %rd5, -2, 3;", unchecked((ulong)-6))]
    [InlineData("mul.wide.u32 %rd5, -1, 2;", 0x1FFFFFFFEul)]
    [InlineData("mad.wide.u32 %rd5, 65536, 65536, 1;", 0x100000001ul)]
    [InlineData("mul.hi.u64 %rd5, -1, 2;", 1ul)]
    [InlineData("shl.b64 %rd5, 1, 40;", 1ul << 40)]
    [InlineData("cvt.s64.s32 %rd5, -5;", unchecked((ulong)-5))]
    [InlineData("cvt.u64.u32 %rd5, -5;", 0xFFFFFFFBul)]
    [InlineData("mov.b64 %rd5, {%r1, %r3};", 1ul << 32)]
    [InlineData("cvt.rzi.s64.f64 %rd5, 0dC00C000000000000;", unchecked((ulong)-3))]
    [InlineData("clz.b64 %rd6, 1; cvt.u64.u32 %rd5, %r5;", 0ul, true)]
    public void IntegerOf64Bits_FollowsTheManual(string code, ulong expected, bool refused = false)
    {
        if (refused)
        {
            Assert.Equal(FaultKind.BadPtx, PtxRun.Fault(PtxRun.Kernel(code)));
            return;
        }

        Assert.Equal(expected, PtxRun.One(code + " st.global.u64 [%rd1], %rd5;"));
    }

    [Theory]
    [InlineData("add.rn.f32 %f1, 0f3F800000, 0f33800000;", 1f)]
    [InlineData("add.rp.f32 %f1, 0f3F800000, 0f33800000;", 1.0000001f)]
    [InlineData("add.rz.f32 %f1, 0fBF800000, 0f33000000;", -0.99999994f)]
    [InlineData("mul.rm.f32 %f1, 0f3DCCCCCD, 0f3DCCCCCD;", 0.0099999998f)]
    [InlineData("fma.rn.f32 %f1, 0f40000000, 0f40400000, 0f3F800000;", 7f)]
    [InlineData("div.rn.f32 %f1, 0f3F800000, 0f40400000;", 0.33333334f)]
    [InlineData("sqrt.rn.f32 %f1, 0f40000000;", 1.4142135f)]
    [InlineData("min.f32 %f1, 0f7FC00000, 0f3F800000;", 1f)]
    [InlineData("neg.f32 %f1, 0f3F800000;", -1f)]
    [InlineData("rcp.rn.f32 %f1, 0f40800000;", 0.25f)]
    [InlineData("ex2.approx.ftz.f32 %f1, 0f40400000;", 8f)]
    [InlineData("rsqrt.approx.f32 %f1, 0f40800000;", 0.5f)]
    [InlineData("cvt.rn.f32.s32 %f1, -16777217;", -16777216f)]
    [InlineData("cvt.rz.f32.u32 %f1, -1;", 4294967000f)]
    [InlineData("cvt.rni.f32.f32 %f1, 0f40200000;", 2f)]
    [InlineData("cvt.rmi.f32.f32 %f1, 0fBF000000;", -1f)]
    [InlineData("cvt.sat.f32.f32 %f1, 0f40200000;", 1f)]
    [InlineData("mov.b16 %rs1, 0x3C00; cvt.f32.f16 %f1, %rs1;", 1f)]
    [InlineData("cvt.rn.f32.f64 %f1, 0d3FF8000000000000;", 1.5f)]
    public void FloatOf32Bits_FollowsTheManual(string code, float expected)
        => Assert.Equal(expected, BitConverter.UInt32BitsToSingle((uint)PtxRun.One(code + " st.global.f32 [%rd1], %f1;")));

    [Theory]
    [InlineData("cvt.rzi.s32.f32 %r5, 0f4F800000;", 0x7FFFFFFFu)]
    [InlineData("cvt.rzi.u32.f32 %r5, 0fBF800000;", 0u)]
    [InlineData("cvt.rzi.s32.f32 %r5, 0f7FC00000;", 0u)]
    [InlineData("mov.b16 %rs1, 0xFF; cvt.s32.s8 %r5, %rs1;", 0xFFFFFFFFu)]
    [InlineData("cvt.sat.u8.s32 %r5, 300;", 255u)]
    [InlineData("cvt.rn.f16.f32 %rs1, 0f3F801000; cvt.u32.u16 %r5, %rs1;", 0x3C00u)]
    [InlineData("cvt.rn.f16.f32 %rs1, 0f3F803000; cvt.u32.u16 %r5, %rs1;", 0x3C02u)]
    [InlineData("cvt.rn.f16.f32 %rs1, 0f477FF000; cvt.u32.u16 %r5, %rs1;", 0x7C00u)]
    public void Conversion_ClampsAndExtends(string code, uint expected)
        => Assert.Equal(expected, (uint)PtxRun.One(code + " st.global.u32 [%rd1], %r5;"));

    [Fact]
    public void StoreOfAByte_TakesTheLowBitsOfAWiderRegister()
        => Assert.Equal(0x78ul, PtxRun.One("mov.u64 %rd5, 0x12345678; st.global.u8 [%rd1], %rd5;"));

    [Fact]
    public void VectorAccess_MovesAllElements()
        => Assert.Equal(0x0000000200000001ul, PtxRun.One(
            "mov.u32 %r5, 1; mov.u32 %r6, 2; st.global.v2.u32 [%rd1], {%r5, %r6}; "
            + "ld.global.v2.u32 {%r7, %r8}, [%rd1]; st.global.v2.u32 [%rd1], {%r7, %r8};"));

    [Theory]
    [InlineData("lg3.f32 %f1, %f2;")]
    [InlineData("add.s32 %r5, %rd1, 1;")]
    [InlineData("bra nowhere;")]
    [InlineData("mov.u32 %r5, %unknown;")]
    [InlineData("add.s32 %r5, 12x, 1;")]
    public void Decode_OutsideTheInventory_NamesTheLine(string code)
    {
        EmulatorFault fault = Assert.Throws<EmulatorFault>(() => PtxRun.One(code));
        Assert.Equal(FaultKind.BadPtx, fault.Kind);
        Assert.Contains("line ", fault.Message);
    }
}

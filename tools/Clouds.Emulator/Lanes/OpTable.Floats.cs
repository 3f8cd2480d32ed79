using System.Numerics;

namespace Clouds.Emulator.Lanes;

/// <summary>Floating-point forms.</summary>
internal static unsafe partial class OpTable
{
    private sealed partial class Table
    {
        public void Float<T>(string type)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            foreach (string rounding in new[] { ".rn.", "." })
            {
                Two<T, Add<T>>($"add{rounding}{type}");
                Two<T, Subtract<T>>($"sub{rounding}{type}");
                Two<T, Multiply<T>>($"mul{rounding}{type}");
            }

            Three<T, FusedMultiplyAdd<T>>($"fma.rn.{type}");
            Two<T, DivideFloat<T>>($"div.rn.{type}");
            One<T, T, SquareRoot<T>>($"sqrt.rn.{type}");
            One<T, T, Negate<T>>("neg." + type);
            One<T, T, Absolute<T>>("abs." + type);
            Two<T, Minimum<T>>("min." + type);
            Two<T, Maximum<T>>("max." + type);
            Moves<T>(type);
            Comparisons<T>(type);
            Forms[$"setp.ne.{type}"] = Comparison<T, OrderedNotEqual<T>>();
            Forms[$"setp.neu.{type}"] = Comparison<T, Unless<T, Equal<T>>>();
            Forms[$"setp.equ.{type}"] = Comparison<T, Unless<T, OrderedNotEqual<T>>>();
            Forms[$"setp.ltu.{type}"] = Comparison<T, Unless<T, GreaterOrEqual<T>>>();
            Forms[$"setp.leu.{type}"] = Comparison<T, Unless<T, Greater<T>>>();
            Forms[$"setp.gtu.{type}"] = Comparison<T, Unless<T, LessOrEqual<T>>>();
            Forms[$"setp.geu.{type}"] = Comparison<T, Unless<T, Less<T>>>();
            Forms[$"setp.num.{type}"] = Comparison<T, BothNumbers<T>>();
            Forms[$"setp.nan.{type}"] = Comparison<T, Unless<T, BothNumbers<T>>>();
        }

        // Approximations are computed in double and rounded once: the hardware may differ by 2 ulp (kernels.md section 10).
        public void RoundedFloat()
        {
            Rounded<ToZero>("rz");
            Rounded<Down>("rm");
            Rounded<Up>("rp");
            Two<float, DivideFloat<float>>("div.approx.f32");
            One<float, float, Reciprocal>("rcp.rn.f32");
            One<float, float, Reciprocal>("rcp.approx.f32");
            One<float, float, Flushed<Reciprocal>>("rcp.approx.ftz.f32");
            One<float, float, ReciprocalRoot>("rsqrt.approx.f32");
            One<float, float, Flushed<ReciprocalRoot>>("rsqrt.approx.ftz.f32");
            One<float, float, Exponential2>("ex2.approx.f32");
            One<float, float, Flushed<Exponential2>>("ex2.approx.ftz.f32");
            One<float, float, Logarithm2>("lg2.approx.f32");
            One<float, float, Flushed<Logarithm2>>("lg2.approx.ftz.f32");
        }

        private void Rounded<TRounding>(string suffix)
            where TRounding : IRounding
        {
            Two<float, AddRounded<TRounding>>($"add.{suffix}.f32");
            Two<float, SubtractRounded<TRounding>>($"sub.{suffix}.f32");
            Two<float, MultiplyRounded<TRounding>>($"mul.{suffix}.f32");
            Three<float, FusedRounded<TRounding>>($"fma.{suffix}.f32");
        }
    }
}

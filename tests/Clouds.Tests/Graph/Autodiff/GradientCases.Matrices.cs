using static Clouds.Tests.Graph.Autodiff.GradientCase;

namespace Clouds.Tests.Graph.Autodiff;

/// <content>Matrix products and convolutions. The runtime convolves in single precision only; convolutions are linear in each input.</content>
internal static partial class GradientCases
{
    private static IEnumerable<GradientCase> Matrices()
    {
        yield return new("MatMul", "matrices", c => c.G.MatMul(c[0], c[1]), U(2, 3), U(3, 4));
        yield return new("MatMul", "equal batch", c => c.G.MatMul(c[0], c[1]), U(2, 2, 3), U(2, 3, 4));
        yield return new("MatMul", "batch against matrix", c => c.G.MatMul(c[0], c[1]), U(2, 2, 3), U(3, 2));
        yield return new("MatMul", "matrix against batch", c => c.G.MatMul(c[0], c[1]), U(2, 3), U(2, 3, 2));
        yield return new("MatMul", "ones on both sides", c => c.G.MatMul(c[0], c[1]), U(2, 1, 2, 3), U(3, 3, 2));
        foreach ((bool ta, bool tb) in new[] { (false, false), (false, true), (true, false), (true, true) })
        {
            Operand a = ta ? U(3, 2) : U(2, 3);
            Operand b = tb ? U(4, 3) : U(3, 4);
            yield return new("Gemm", $"transA {ta}, transB {tb}, row added", c => c.G.Gemm(c[0], c[1], c[2], ta, tb), a, b, U(4));
            yield return new("Gemm", $"transA {ta}, transB {tb}", c => c.G.Gemm(c[0], c[1], null, ta, tb), a, b);
        }

        yield return new("Gemm", "column added", c => c.G.Gemm(c[0], c[1], c[2]), U(2, 3), U(3, 4), U(2, 1));
        yield return new("Gemm", "linear layer on three axes", c => c.G.Linear(c[0], c[1], c[2]), U(2, 2, 3), U(4, 3), U(4));
    }

    private static IEnumerable<GradientCase> Convolutions() => [.. Dense(), .. Grouped(), .. Transposed()];

    private static IEnumerable<GradientCase> Dense() =>
    [
        InSingle("Conv", "1x1", c => c.G.Conv(c[0], c[1], c[2]), U(2, 3, 3, 2), U(2, 3, 1, 1), U(2)),
        InSingle("Conv", "3x3, pad 1", c => c.G.Conv(c[0], c[1], c[2], pad: 1), U(2, 2, 4, 3), U(3, 2, 3, 3), U(3)),
        InSingle("Conv", "3x3, no pad, no bias", c => c.G.Conv(c[0], c[1], null), U(1, 2, 4, 5), U(2, 2, 3, 3)),
        InSingle("Conv", "2x2, stride 2", c => c.G.Conv(c[0], c[1], c[2], stride: 2), U(2, 2, 4, 4), U(3, 2, 2, 2), U(3)),
        InSingle("Conv", "2x2, stride 2, with a rest", c => c.G.Conv(c[0], c[1], c[2], stride: 2), U(1, 2, 5, 7), U(2, 2, 2, 2), U(2)),
        InSingle("Conv", "4x4, stride 4, with rests", c => c.G.Conv(c[0], c[1], null, stride: 4), U(1, 2, 7, 9), U(2, 2, 4, 4)),
        InSingle("Conv", "3x3, stride 2, pad 1, even size", c => c.G.Conv(c[0], c[1], null, stride: 2, pad: 1), U(1, 2, 6, 4), U(2, 2, 3, 3)),
        InSingle("Conv", "3x3, stride 2, pad 1, odd size", c => c.G.Conv(c[0], c[1], null, stride: 2, pad: 1), U(1, 2, 5, 7), U(2, 2, 3, 3)),
        InSingle("Conv", "3x3, dilation 2, pad 2", c => c.G.Conv(c[0], c[1], c[2], pad: 2, dilation: 2), U(1, 2, 5, 4), U(2, 2, 3, 3), U(2)),
        InSingle("Conv", "3x3, dilation 2, stride 2, with a rest",
            c => c.G.Conv(c[0], c[1], null, stride: 2, pad: 1, dilation: 2), U(1, 2, 6, 7), U(2, 2, 3, 3)),
        InSingle("Conv", "1x3", c => c.G.Conv(c[0], c[1], null), U(1, 2, 3, 4), U(2, 2, 1, 3)),
        InSingle("Conv", "3x2, stride 2, pad 1", c => c.G.Conv(c[0], c[1], null, stride: 2, pad: 1), U(1, 2, 5, 4), U(2, 2, 3, 2)),
        InSingle("Conv", "1x1 with pad beyond the kernel", c => c.G.Conv(c[0], c[1], null, pad: 1), U(1, 2, 3, 3), U(2, 2, 1, 1)),
    ];

    private static IEnumerable<GradientCase> Grouped() =>
    [
        InSingle("Conv", "depthwise 7x7, pad 3", c => c.G.Conv(c[0], c[1], c[2], pad: 3, group: 3), U(2, 3, 5, 4), U(3, 1, 7, 7), U(3)),
        InSingle("Conv", "depthwise 3x3, stride 2, pad 1", c => c.G.Conv(c[0], c[1], null, stride: 2, pad: 1, group: 2), U(2, 2, 5, 6), U(2, 1, 3, 3)),
        InSingle("Conv", "depthwise 2x2, stride 2, with a rest", c => c.G.Conv(c[0], c[1], null, stride: 2, group: 2), U(1, 2, 5, 7), U(2, 1, 2, 2)),
        InSingle("Conv", "depthwise 3x3, dilation 2", c => c.G.Conv(c[0], c[1], null, pad: 2, group: 2, dilation: 2), U(1, 2, 4, 5), U(2, 1, 3, 3)),
        InSingle("Conv", "two outputs a channel", c => c.G.Conv(c[0], c[1], null, pad: 1, group: 2), U(1, 2, 4, 3), U(4, 1, 3, 3)),
        InSingle("Conv", "two groups", c => c.G.Conv(c[0], c[1], c[2], pad: 1, group: 2), U(2, 4, 3, 3), U(6, 2, 3, 3), U(6)),
        InSingle("Conv", "two groups, stride 2", c => c.G.Conv(c[0], c[1], null, stride: 2, group: 2), U(1, 4, 5, 4), U(2, 2, 2, 2)),
    ];

    private static IEnumerable<GradientCase> Transposed() =>
    [
        InSingle("ConvTranspose", "2x2, stride 2", c => c.G.ConvTranspose(c[0], c[1], c[2], stride: 2), U(2, 3, 3, 2), U(3, 2, 2, 2), U(2)),
        InSingle("ConvTranspose", "3x3, stride 2, pad 1", c => c.G.ConvTranspose(c[0], c[1], null, stride: 2, pad: 1), U(1, 2, 3, 4), U(2, 3, 3, 3)),
        InSingle("ConvTranspose", "output padding",
            c => c.G.ConvTranspose(c[0], c[1], null, stride: 2, pad: 1, outputPadHeight: 1), U(1, 2, 3, 3), U(2, 2, 3, 3)),
        InSingle("ConvTranspose", "depthwise", c => c.G.ConvTranspose(c[0], c[1], null, stride: 2, group: 2), U(2, 2, 3, 3), U(2, 1, 2, 2)),
        InSingle("ConvTranspose", "two groups", c => c.G.ConvTranspose(c[0], c[1], null, group: 2), U(1, 4, 3, 3), U(4, 2, 2, 2)),
        InSingle("ConvTranspose", "dilation 2", c => c.G.ConvTranspose(c[0], c[1], null, pad: 1, dilation: 2), U(1, 2, 3, 3), U(2, 2, 3, 3)),
    ];
}

using System.Text.RegularExpressions;
using Clouds.Runtime.Compilation;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>A defect planted in a kernel's PTX.</summary>
/// <param name="File">Kernel file.</param>
/// <param name="Kernel">Entry.</param>
/// <param name="Kind">What is done to it.</param>
/// <param name="Occurrence">To the how-manieth instruction that can have it, from 0.</param>
/// <param name="IsLast">There is none behind it.</param>
internal sealed record Mutant(string File, string Kernel, Defect Kind, int Occurrence, bool IsLast)
{
    private static readonly string CacheFolder = Path.Combine(Repository.Root, ".cache", "kernels");

    /// <summary>For example "components_tile: Barrier 3".</summary>
    public string Name => $"{Kernel}: {Kind} {Occurrence}";

    /// <summary>The defects of a kind in the kernels of a file: one for each instruction that can have it.</summary>
    public static IEnumerable<Mutant> Of(string file, params Defect[] kinds)
    {
        string ptx = new KernelCompiler(() => NvrtcForTests.Library, CacheFolder).Compile(KernelSource.Load(file), 80).Ptx;
        return
            from Match entry in Regex.Matches(ptx, @"\.entry (\w+)\(")
            let kernel = entry.Groups[1].Value
            from kind in kinds
            let count = Regex.Matches(Body(ptx, kernel), Pattern(kind)).Count
            from occurrence in Enumerable.Range(0, count)
            select new Mutant(file, kernel, kind, occurrence, occurrence == count - 1);
    }

    /// <summary>The PTX with the defect; other files are left alone.</summary>
    public string Plant(string ptx)
    {
        if (!ptx.Contains($".entry {Kernel}(", StringComparison.Ordinal))
        {
            return ptx;
        }

        string body = Body(ptx, Kernel);
        Match match = Regex.Matches(body, Pattern(Kind))[Occurrence];
        return ptx.Replace(body, string.Concat(body.AsSpan(0, match.Index), Damaged(match), body.AsSpan(match.Index + match.Length)), StringComparison.Ordinal);
    }

    private static string Body(string ptx, string kernel)
    {
        int start = ptx.IndexOf($".entry {kernel}(", StringComparison.Ordinal);
        return ptx[start..ptx.IndexOf("\n}", start, StringComparison.Ordinal)];
    }

    private static string Pattern(Defect kind) => kind switch
    {
        Defect.Barrier => @"bar\.sync\s+0;",
        Defect.WarpBarrier => @"bar\.warp\.sync\s+[^;]+;",
        Defect.Atomic => @"atom\.(global|shared)\.(\w+)\.([bufs](?:32|64))\s+(%\w+), (\[[^\]]+\]), ([^;]+);",
        Defect.Mask => @"((?:shfl|vote|match)\.[^;]+, )([^,;]+);",
        _ => @"(setp\.(?:ge|gt|lt|le)\.[us](32|64)\s+%p\d+, [^,;]+, )([^,;]+);",
    };

    private string Damaged(Match match) => Kind switch
    {
        Defect.Barrier or Defect.WarpBarrier => "",
        Defect.Atomic => Weakened(match),
        Defect.Mask => match.Result("${1}65535;"),
        _ => match.Result("{ .reg .b$2 bound; add.s$2 bound, $3, 1; ${1}bound; }"),
    };

    // A load, the operation and a store.
    private static string Weakened(Match match)
    {
        (string operation, string type) = (match.Groups[2].Value, match.Groups[3].Value);
        string bits = type[1..];
        string plain = operation == "add" && type[0] != 'f' ? $"s{bits}" : type;
        string moved = type[0] == 'f' ? type : $"u{bits}";
        return match.Result(
            $"{{ .reg .{(type[0] == 'f' ? type : $"b{bits}")} before, after; ld.$1.{moved} before, $5; {operation}.{plain} after, before, $6; "
            + $"st.$1.{moved} $5, after; mov.{moved} $4, before; }}");
    }
}

/// <summary>Kinds of defects.</summary>
internal enum Defect
{
    /// <summary>A block barrier is missing.</summary>
    Barrier,

    /// <summary>A warp barrier is missing.</summary>
    WarpBarrier,

    /// <summary>An atomic is a load, the operation and a store.</summary>
    Atomic,

    /// <summary>A shuffle, vote or match names half of its lanes.</summary>
    Mask,

    /// <summary>A comparison's bound is one higher.</summary>
    Bound,
}

namespace Clouds.Graph.Building;

/// <summary>What a symbolic extent is made of: a symbol, or two extents and what is done with them.</summary>
/// <param name="Text">The written form, which is what terms are compared by.</param>
/// <param name="Operation">'+', '-', '*', or '/', which rounds down; 0 for a symbol.</param>
/// <param name="Left">The first extent.</param>
/// <param name="Right">The second one.</param>
internal sealed record DimTerm(string Text, char Operation = '\0', Dim Left = default, Dim Right = default)
{
    /// <summary>A term of two extents, as they stand.</summary>
    public static DimTerm Of(Dim left, char operation, Dim right) =>
        new(operation == '/' ? $"floor({left}/{right})" : $"({left}{operation}{right})", operation, left, right);

    /// <summary>A term of two extents whose order does not matter, so that equal ones are written alike.</summary>
    public static DimTerm Ordered(Dim a, char operation, Dim b) =>
        string.CompareOrdinal(a.ToString(), b.ToString()) <= 0 ? Of(a, operation, b) : Of(b, operation, a);
}

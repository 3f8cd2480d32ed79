namespace Clouds.Graph.Building;

/// <content>Element-wise operators with ONNX broadcasting.</content>
public sealed partial class GraphBuilder
{
    /// <summary>a + b.</summary>
    public Value Add(Value a, Value b) => Binary("Add", a, b);

    /// <summary>a + b.</summary>
    public Value Add(Value a, float b) => Add(a, Constant(b));

    /// <summary>a - b.</summary>
    public Value Sub(Value a, Value b) => Binary("Sub", a, b);

    /// <summary>a - b.</summary>
    public Value Sub(float a, Value b) => Sub(Constant(a), b);

    /// <summary>a · b.</summary>
    public Value Mul(Value a, Value b) => Binary("Mul", a, b);

    /// <summary>a · b.</summary>
    public Value Mul(Value a, float b) => Mul(a, Constant(b));

    /// <summary>a / b.</summary>
    public Value Div(Value a, Value b) => Binary("Div", a, b);

    /// <summary>a / b.</summary>
    public Value Div(float a, Value b) => Div(Constant(a), b);

    /// <summary>a to the power b.</summary>
    public Value Pow(Value a, float b) => Binary("Pow", a, Constant(b));

    /// <summary>The smaller of the two.</summary>
    public Value Min(Value a, Value b) => Binary("Min", a, b);

    /// <summary>The larger of the two.</summary>
    public Value Max(Value a, Value b) => Binary("Max", a, b);

    /// <summary>-x.</summary>
    public Value Neg(Value x) => Unary("Neg", x);

    /// <summary>|x|.</summary>
    public Value Abs(Value x) => Unary("Abs", x);

    /// <summary>-1, 0 or 1.</summary>
    public Value Sign(Value x) => Unary("Sign", x);

    /// <summary>e^x.</summary>
    public Value Exp(Value x) => Unary("Exp", x);

    /// <summary>Natural logarithm.</summary>
    public Value Log(Value x) => Unary("Log", x);

    /// <summary>Square root.</summary>
    public Value Sqrt(Value x) => Unary("Sqrt", x);

    /// <summary>1 / x.</summary>
    public Value Reciprocal(Value x) => Unary("Reciprocal", x);

    /// <summary>Error function.</summary>
    public Value Erf(Value x) => Unary("Erf", x);

    /// <summary>Hyperbolic tangent.</summary>
    public Value Tanh(Value x) => Unary("Tanh", x);

    /// <summary>Sine of x in radians.</summary>
    public Value Sin(Value x) => Unary("Sin", x);

    /// <summary>Cosine of x in radians.</summary>
    public Value Cos(Value x) => Unary("Cos", x);

    /// <summary>1 / (1 + e^-x).</summary>
    public Value Sigmoid(Value x) => Unary("Sigmoid", x);

    /// <summary>Largest integer not above x.</summary>
    public Value Floor(Value x) => Unary("Floor", x);

    /// <summary>max(x, 0).</summary>
    public Value Relu(Value x) => Unary("Relu", x);

    /// <summary>x · Φ(x), exact (erf) form.</summary>
    public Value Gelu(Value x) => Unary("Gelu", x);

    /// <summary>x · sigmoid(x); its gradient is one operator.</summary>
    public Value Silu(Value x) => Emit("Mul", [x, Sigmoid(x)], x.Type, x.Shape, SiluMark);

    /// <summary>x² as a product.</summary>
    public Value Square(Value x) => Mul(x, x);

    /// <summary>
    /// log(1 + e^x) as max(x, 0) + log(1 + e^-|x|): never overflows, and several times faster than the operator of that name (platform.md
    /// section 3). The maximum, not Relu: its gradient at a tie is 1/2, which is softplus's slope at 0.
    /// </summary>
    public Value Softplus(Value x) => Add(Max(x, Constant(0f)), Log(Add(Exp(Neg(Abs(x))), 1f)));

    /// <summary>x cut to [low, high].</summary>
    public Value Clip(Value x, float low, float high) =>
        Emit("Clip", [x, Constant(low), Constant(high)], x.Type, x.Shape);

    /// <summary>The same elements in another type.</summary>
    public Value Cast(Value x, ElementType type) => x.Type == type ? x : Emit("Cast", [x], type, x.Shape, ("to", (long)type));

    /// <summary>a &lt; b.</summary>
    public Value Less(Value a, Value b) => Compare("Less", a, b);

    /// <summary>a &gt; b.</summary>
    public Value Greater(Value a, Value b) => Compare("Greater", a, b);

    /// <summary>a = b.</summary>
    public Value Equal(Value a, Value b) => Compare("Equal", a, b);

    /// <summary>Not x.</summary>
    public Value Not(Value x) => Unary("Not", x);

    /// <summary>Both.</summary>
    public Value And(Value a, Value b) => Compare("And", a, b);

    /// <summary>One of them, or both.</summary>
    public Value Or(Value a, Value b) => Compare("Or", a, b);

    /// <summary>a where the condition holds, else b.</summary>
    public Value Where(Value condition, Value a, Value b)
    {
        Require(condition.Type == ElementType.Bool, $"Where wants a truth value, not {condition}");
        SameType("Where", a, b);
        return Emit("Where", [condition, a, b], a.Type, Shape.Broadcast(condition.Shape, Shape.Broadcast(a.Shape, b.Shape)));
    }

    /// <summary>1 where a &gt; b, else 0, as floats: the mask that gradients are multiplied with.</summary>
    public Value GreaterMask(Value a, Value b) => Cast(Greater(a, b), ElementType.Float);

    /// <summary>The same value, but no gradient passes.</summary>
    public Value Detach(Value x) => Emit("Identity", [x], x.Type, x.Shape, DetachMark);

    internal static (string Name, object Value) DetachMark { get; } = ("clouds_detach", 1L);

    internal static (string Name, object Value) SiluMark { get; } = ("clouds_silu", 1L);

    /// <summary>Whether an attribute is a mark of ours, which no file holds.</summary>
    internal static bool IsMark(string attribute) => attribute == DetachMark.Name || attribute == SiluMark.Name;

    private Value Unary(string op, Value x) => Emit(op, [x], x.Type, x.Shape);

    private Value Binary(string op, Value a, Value b)
    {
        SameType(op, a, b);
        return Emit(op, [a, b], a.Type, Shape.Broadcast(a.Shape, b.Shape));
    }

    private Value Compare(string op, Value a, Value b)
    {
        SameType(op, a, b);
        return Emit(op, [a, b], ElementType.Bool, Shape.Broadcast(a.Shape, b.Shape));
    }

    private static void SameType(string op, Value a, Value b) => Require(a.Type == b.Type, $"{op} of {a} and {b}: the element types differ");
}

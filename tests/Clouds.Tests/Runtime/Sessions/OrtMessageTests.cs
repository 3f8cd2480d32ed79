using Clouds.Runtime.Sessions;

namespace Clouds.Tests.Runtime.Sessions;

[Kind(TestKind.Fast)]
public class OrtMessageTests
{
    [Theory]
    [InlineData("[ErrorCode:Fail] CUDA execution provider is not enabled in this build. ", "CUDA execution provider is not enabled in this build.")]
    [InlineData("[ErrorCode:RuntimeException] bridge.cc:1 Get [ONNXRuntimeError] : 1 : FAIL : no libcublasLt.so.13\n", "no libcublasLt.so.13")]
    [InlineData("[ErrorCode:InvalidGraph] node 'a' has no input", "[ErrorCode:InvalidGraph] node 'a' has no input")]
    public void Plain_MessageOfOnnxRuntime_IsWhatHappened(string message, string expected) => Assert.Equal(expected, OrtMessage.Plain(message));
}

# 打印。
print-pdf = 下载 PDF（供打印）
print-foot = 第 { $n } 页，共 { $m } 页
print-more = 后面还有，请翻页后另行打印或导出表格
print-map = 地图不打印，下列为图上内容：
print-sign = 签名（盖章或按指印）：
print-date = 日期：
error-print = 未能生成 PDF
    .mend = 请缩小范围后重试；仍不行时，请管理员按下面的说明处理。
